/** The messages between the main thread and the prober threads. All of them survive a structured clone. */
import type { Farm } from '../../model/farm.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import type { Recycled } from '../usual_time.ts'
import type { Quarantined } from './quarantine.ts'

export interface LoopDelay {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface Missed {
  readonly subject: Subject
  readonly count: number
}

/** What a prober has to report since its last batch. */
export interface Batch {
  readonly prober: number
  readonly outcomes: readonly Outcome[]
  readonly missed: readonly Missed[]
  /** How late the prober's event loop was; about once a second, and only of times when it was probing. */
  readonly loopDelay?: LoopDelay
  readonly inFlight: number
  /** What took long to judge. */
  readonly costly?: readonly Subject[]
}

export interface ProberData {
  readonly prober: number
  /** Wall minus monotonic milliseconds when the fleet started: the anchor of every grid, in all threads and restarts. */
  readonly originMs: number
  /** What the thread works on, see work_note. */
  readonly note: SharedArrayBuffer
}

type ToProber =
  | {
      readonly kind: 'apply'
      readonly farms: readonly Farm[]
      /** Slots before this, in monotonic milliseconds, belong to another prober. */
      readonly fromMs: number
      /** Farms that another prober takes over: their probes in flight are finished, not aborted. */
      readonly moved: readonly string[]
    }
  | ({ readonly kind: 'recycled' } & Recycled)
  | { readonly kind: 'quarantined'; readonly quarantined: Quarantined }

export interface ProberMessages {
  readonly to: ToProber
  readonly from: Batch
}
