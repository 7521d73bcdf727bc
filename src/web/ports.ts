import type { FarmEvent } from '../model/event.ts'
import type { Farm } from '../model/farm.ts'

/** What the web shows and does, as the service provides it. */
export interface Ports {
  /** The metrics in the format that an Accept header prefers. */
  render(accept: string | undefined): {
    readonly contentType: string
    readonly chunks: AsyncIterable<string>
  }
  /** Probes are being made. */
  isReady(): boolean
  /** The farms as discovery has them now. */
  farms(): readonly Farm[]
  /** The configuration as text, its secrets hidden. */
  config(): string
  /** Events that are still in memory, from `sinceMs` (wall milliseconds) on, the oldest first; of one farm when named. */
  events(sinceMs: number, farm?: string): readonly FarmEvent[]
  /** Reads the configuration again; false when it is bad and nothing changed. Absent: not allowed over HTTP. */
  reload?(): Promise<boolean>
  /** Declares maintenance of a farm from now on, 0 ends it; false when there is no such farm. Absent: not allowed. */
  maintain?(farm: string, durationMs: number): boolean
}
