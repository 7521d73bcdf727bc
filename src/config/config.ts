import type { TargetPattern } from '../addresses/allowed_target.ts'
import type { Farm, Scheme, Site } from '../model/farm.ts'
import type { Receiver } from '../model/receiver.ts'
import type { Problem } from './yaml/problem.ts'

/** A valid configuration, with all defaults filled in. */
export interface Config {
  readonly web: {
    readonly host: string
    /** 0: any free port. */
    readonly port: number
    /** Where the metrics are served instead of at `host` and `port`. */
    readonly metrics?: { readonly host: string; readonly port: number }
    /** Where health is also served, without any protection. */
    readonly health?: { readonly host: string; readonly port: number }
    /** Names of ours, with `*` for any characters, beside those that need not be listed. */
    readonly hosts?: readonly string[]
    /** Where people open the page, as a URL. */
    readonly externalUrl?: string
    /** The absolute path of the file that protects farmprobe's own pages. */
    readonly configFile?: string
  }
  readonly journal: {
    /** Relative to the working directory. */
    readonly path: string
    readonly keepMs: number
  }
  readonly incidents: {
    /** After so long without a failure an incident is over. */
    readonly quietMs: number
  }
  /** Where WAS's events come from. */
  readonly was: {
    /** By `POST /api/v1/was`. */
    readonly push: boolean
    /** The absolute path of a folder with files of them. */
    readonly folder?: string
  }
  /** Who is told of incidents. */
  readonly receivers: readonly Receiver[]
  readonly blackbox: Blackbox
  readonly farms: readonly FarmDefinition[]
  /** Settings that are valid but probably not intended. */
  readonly warnings: readonly Problem[]
  /** The file in effect, as YAML with every secret hidden: what `/config` shows. */
  readonly redacted: string
}

/** Probes on demand: `/probe`. */
export interface Blackbox {
  /** The absolute path of the module file. */
  readonly modulesFile?: string
  /** What may be probed in addition to the farms' own hosts. */
  readonly allow: readonly TargetPattern[]
  readonly timeoutOffsetMs: number
  readonly maxInFlight: number
}

/** A farm with its listed nodes, and where to discover others. */
export interface FarmDefinition {
  readonly farm: Farm
  readonly discover?: Discover
}

export interface Discover {
  /** More nodes than this are not taken. */
  readonly maxNodes: number
  readonly dns?: DnsSource
  readonly file?: FileSource
  readonly iis?: IisSource
}

export type AddressFamily = 4 | 6 | 'both'

/** Every A and AAAA record of a name is a node. */
export interface DnsSource {
  readonly name: string
  readonly family: AddressFamily
  readonly refreshMs: number
  readonly scheme: Scheme
  readonly port: number
}

/** Every target in files of the file_sd format of Prometheus is a node. */
export interface FileSource {
  /** The absolute path at which a relative pattern starts. */
  readonly folder: string
  readonly pattern: string
  readonly maxNodes: number
  /** Gives the scheme of targets whose group has no `__scheme__`, and the port of those that name none. */
  readonly site: Site
}

/** Every server of a web farm in an `applicationHost.config` is a node. */
export interface IisSource {
  /** An absolute path. */
  readonly file: string
  /** The name of the web farm; case does not matter. */
  readonly webFarm: string
  /** Absent: the scheme that ARR uses. */
  readonly scheme?: Scheme
}

export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] }
