/** The post of one prober: which farms it has, and an account of their slots over all lives of its thread. */
import type { Farm } from '../../model/farm.ts'
import type { Log } from '../../runtime/log.ts'
import type { Recycled } from '../recycle_notice.ts'
import type { Batch, Missed } from './prober_messages.ts'
import { startProberThread } from './prober_thread.ts'
import type { Ledger } from './slot_ledger.ts'
import type { LifeOptions } from './thread_life.ts'

export interface PostOptions extends LifeOptions {
  readonly ledger: Ledger
  readonly log?: Log
  readonly onBatch: (batch: Batch) => void
  readonly onRestart: (prober: number, error: Error) => void
}

/** A change of the farms at a post. */
export interface Assignment {
  readonly farms: readonly Farm[]
  /** Those of them that another prober had until now. */
  readonly arrived: readonly Farm[]
  /** The names of farms that another prober has from now on. */
  readonly moved: readonly string[]
}

export interface Post {
  assign(assignment: Assignment): void
  /** Lost on a prober that is not alive: it has forgotten what is usual. */
  recycled(recycle: Recycled): void
  stop(graceMs: number): Promise<void>
  inFlight(): number
}

/** Starts a prober that has no farms yet. */
export function createPost(options: PostOptions): Post {
  const { clock, ledger, log, onBatch } = options
  const { prober } = options.data
  let farms: readonly Farm[] = []
  /** Farms that came from another prober before this one was ready, and since when their slots are its business. */
  let waiting: { readonly farms: readonly Farm[]; readonly fromMs: number } | undefined
  let inFlight = 0

  /** Tells a prober that is new to life what to do, and counts what fell due while there was nobody. */
  const brief = () => {
    const fromMs = clock.monotonicMs()
    const arrived = new Set(waiting?.farms.map(({ name }) => name))
    reportLost(
      farms.filter(({ name }) => !arrived.has(name)),
      fromMs,
    )
    if (waiting) thread.tell({ kind: 'apply', ...waiting, moved: [] })
    waiting = undefined
    ledger.keep(farms, fromMs)
    thread.tell({ kind: 'apply', farms, fromMs, moved: [] })
  }
  /** Outcomes and misses of what has left the plan are left out: their series are gone. */
  const receive = (batch: Batch) => {
    inFlight = batch.inFlight
    const outcomes = batch.outcomes.filter((outcome) => ledger.outcome(outcome))
    const missed = batch.missed.filter(({ subject, count }) => ledger.missed(subject, count))
    onBatch({ ...batch, outcomes, missed })
  }
  const mourn = (error: Error, wasReady: boolean) => {
    inFlight = 0
    log?.error(
      { self: 'prober_restart', prober, error: String(error) },
      'a prober thread died and is started again',
    )
    options.onRestart(prober, error)
    if (wasReady) reportLost(farms, clock.monotonicMs())
  }
  const reportLost = (lost: readonly Farm[], untilMs: number) => {
    const names = lost.map(({ name }) => name)
    const missed: readonly Missed[] = ledger.lost(names, untilMs)
    if (missed.length > 0) onBatch({ prober, outcomes: [], missed, inFlight })
  }

  const thread = startProberThread({ ...options, onReady: brief, onBatch: receive, onDeath: mourn })
  return {
    assign(assignment) {
      const { moved, arrived } = assignment
      const fromMs = clock.monotonicMs()
      farms = assignment.farms
      if (thread.isReady()) {
        ledger.keep(farms, fromMs)
        thread.tell({ kind: 'apply', farms, fromMs, moved })
      } else if (arrived.length > 0) waiting = { farms: arrived, fromMs }
    },
    recycled(recycle) {
      if (thread.isReady()) thread.tell({ kind: 'recycled', ...recycle })
    },
    stop: (graceMs) => thread.stop(graceMs),
    inFlight: () => inFlight,
  }
}
