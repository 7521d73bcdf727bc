import type { Readings } from '../detect/monitor.ts'
import type { Eventual, History } from '../history/history.ts'
import type { Farm, Shard } from '../model/farm.ts'
import type { Mark } from '../model/past.ts'
import type { Live } from './live/live.ts'

/** What is known from inside a node: of the last reading of windows_exporter, and of WAS's events. */
interface CrosscheckStanding {
  /** Whether windows_exporter is read at all. */
  readonly exporter: boolean
  /** Up to when WAS's events are known, and how far the node's clock is ahead; undefined before any came. */
  readonly was?: { readonly untilMs: number; readonly skewMs: number }
  /** Undefined before the first reading. */
  readonly up: boolean | undefined
  /** Why it cannot be read; empty when it can. */
  readonly detail: string
  readonly readMs: number | undefined
  /** By application pool; what the exporter does not report is absent. */
  readonly pools: ReadonlyMap<string, { readonly state?: string; readonly workers?: number }>
}

/** What the web shows and does, as the service provides it. */
export interface Ports {
  /** The metrics in the format that an Accept header prefers. */
  render(accept: string | undefined): {
    readonly contentType: string
    readonly chunks: AsyncIterable<string | Uint8Array>
  }
  /** Whether probes are being made. */
  isReady(): boolean
  farms(): readonly Farm[]
  /** Which part of the configuration's farms these are; absent: all of them. */
  readonly shard?: Shard
  /** The configuration as text, its secrets hidden. */
  config(): string
  readonly live: Live
  /** What happened: the journal's, or memory's where there is none. */
  history(): Eventual<History>
  /** The present state of a farm; undefined when there is no such farm. */
  readings(farm: string): Readings | undefined
  inMaintenance(farm: string): boolean
  /** Undefined where a node is not cross-checked. */
  crosscheck(farm: string, node: string): CrosscheckStanding | undefined
  /** Takes in events of WAS, or says in a clause why they cannot be read; undefined where it is not allowed. */
  was(sent: SentEvents): Promise<TakenEvents | { readonly why: string }> | undefined
  /** Makes a probe on demand; `signal` is aborted when the client disconnects. */
  onDemand(question: ProbeQuestion, signal: AbortSignal): Promise<ProbeAnswer>
  /** Reads the configuration again; false when it is bad and nothing changed. Absent: not allowed over HTTP. */
  reload?(): Promise<boolean>
  /** Declares maintenance of a farm from now on, 0 ends it; false when there is no such farm. Absent: not allowed. */
  maintain?(farm: string, durationMs: number): boolean
  /** Writes on the timeline. Absent: not allowed. */
  mark?(mark: Mark): void
}

/** Events of WAS in XML, and what their sender says of them, by its clock, wall milliseconds. */
export interface SentEvents {
  readonly read: () => Promise<Uint8Array>
  readonly computer?: string | undefined
  /** WAS wrote no others between these. */
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
}

/** What became of them. */
export interface TakenEvents {
  /** By which a worker process ended. */
  readonly events: number
  /** Of these, those of cross-checked pools that were not known before. */
  readonly fresh: number
  /** The nodes they are of, as `farm/node`. */
  readonly nodes: readonly string[]
  /** What the sender should look at. */
  readonly remarks: readonly string[]
}

interface ProbeQuestion {
  readonly target: string | undefined
  readonly module: string | undefined
  readonly hostname: string | undefined
  readonly debug: boolean
  /** The header X-Prometheus-Scrape-Timeout-Seconds. */
  readonly scrapeTimeout: string | undefined
}

interface ProbeAnswer {
  readonly status: 200 | 400 | 403 | 503
  readonly contentType: string
  readonly text: string
}
