import type { TargetPattern } from '../addresses/allowed_target.ts'
import type { Farm, Scheme, Site } from '../model/farm.ts'
import type { Problem } from './yaml/problem.ts'

/** Everything a configuration file says, proved valid, with all defaults filled in. */
export interface Config {
  readonly web: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
    /** Where the metrics are served instead. */
    readonly metrics?: { readonly host: string; readonly port: number }
    /** Where health is served besides, without any protection. */
    readonly health?: { readonly host: string; readonly port: number }
    /** The absolute path of the file that protects our own pages, when there is one. */
    readonly configFile?: string
  }
  readonly journal: {
    /** As written: relative to the working directory. */
    readonly path: string
    readonly keepMs: number
  }
  readonly blackbox: Blackbox
  readonly farms: readonly FarmDefinition[]
  /** What is allowed, and yet hardly what its author wanted. */
  readonly warnings: readonly Problem[]
  /** The file as it took effect, as YAML with every secret hidden: what `/config` shows. */
  readonly redacted: string
}

/** Probes on demand, as blackbox_exporter makes them. */
export interface Blackbox {
  /** The absolute path of the module file, when there is one. */
  readonly modulesFile?: string
  /** What may be probed besides the farms' own hosts. */
  readonly allow: readonly TargetPattern[]
  readonly timeoutOffsetMs: number
  readonly maxInFlight: number
}

/** A farm with the nodes its file lists, and where to discover the others. */
export interface FarmDefinition {
  readonly farm: Farm
  readonly discover?: Discover
}

export interface Discover {
  readonly dns?: DnsSource
  readonly file?: FileSource
  readonly iis?: IisSource
}

/** Every A and AAAA record of a name is a node. */
export interface DnsSource {
  readonly name: string
  readonly refreshMs: number
  readonly scheme: Scheme
  readonly port: number
}

/** Every target in files of Prometheus's file_sd format is a node. */
export interface FileSource {
  /** Where a relative pattern starts; an absolute path. */
  readonly folder: string
  /** A glob pattern. */
  readonly pattern: string
  /** Gives the scheme of targets whose group has no `__scheme__`, and the port of those that name none. */
  readonly site: Site
}

/** Every server of a web farm in IIS's `applicationHost.config` is a node. */
export interface IisSource {
  /** An absolute path. */
  readonly file: string
  /** The web farm's name, which is compared without regard to case. */
  readonly webFarm: string
  /** Left out: as ARR speaks to the servers. */
  readonly scheme?: Scheme
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }
