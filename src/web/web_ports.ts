import type { Readings } from '../detect/monitor.ts'
import type { Eventual, History } from '../history/history.ts'
import type { Farm, Shard } from '../model/farm.ts'
import type { Mark } from '../model/past.ts'
import type { Live } from './live/live.ts'

/** The last reading of windows_exporter on a node. */
interface ExporterReading {
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
    readonly chunks: AsyncIterable<string>
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
  /** windows_exporter on a node; undefined where it is not read. */
  exporter(farm: string, node: string): ExporterReading | undefined
  /** Makes a probe on demand; `signal` is aborted when the client disconnects. */
  onDemand(question: ProbeQuestion, signal: AbortSignal): Promise<ProbeAnswer>
  /** Reads the configuration again; false when it is bad and nothing changed. Absent: not allowed over HTTP. */
  reload?(): Promise<boolean>
  /** Declares maintenance of a farm from now on, 0 ends it; false when there is no such farm. Absent: not allowed. */
  maintain?(farm: string, durationMs: number): boolean
  /** Writes on the timeline. Absent: not allowed. */
  mark?(mark: Mark): void
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
