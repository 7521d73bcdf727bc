/** One prober thread and the farms assigned to it. Its farms and the account of their slots outlast a restart. */
import type { ResourceLimits } from 'node:worker_threads'
import type { Farm } from '../../model/farm.ts'
import type { Subject } from '../../model/outcome.ts'
import type { Cancel, Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { superviseThread } from '../../runtime/worker_thread.ts'
import type { Recycled } from '../usual_time.ts'
import type { Ledger } from './missed_slots.ts'
import type { Batch, ProberData, ProberMessages } from './prober_messages.ts'
import type { Quarantined } from './quarantine.ts'
import { clearNote, readNote } from './work_note.ts'

export interface ProberOptions {
  readonly entry: URL
  readonly data: ProberData
  readonly clock: Clock
  readonly resourceLimits?: ResourceLimits
  readonly ledger: Ledger
  readonly log?: Log
  readonly onBatch: (batch: Batch) => void
  readonly onRestart: (prober: number, cause: Error) => void
  /** An answer takes long to judge. */
  readonly onCostly: (subject: Subject) => void
  /** The first run of the thread is ready for farms. */
  readonly onFirstReady: () => void
  /** What is not to be probed. */
  readonly quarantined: () => Quarantined
}

const lookEveryMs = 1000
/** A thread that is still at the same answer after so many looks is ended. */
const mostLooks = 3

export interface Assignment {
  readonly farms: readonly Farm[]
  /** Those of them that another prober had until now. */
  readonly arrived: readonly Farm[]
  /** The names of farms that another prober has from now on. */
  readonly moved: readonly string[]
}

export type Prober = ReturnType<typeof startProber>

export function startProber(options: ProberOptions) {
  const { entry, data, clock, resourceLimits, ledger, log, onBatch } = options
  const { prober } = data
  let farms: readonly Farm[] = []
  /** Farms that came from another prober before this one was ready, and from when on their slots are ours. */
  let waiting: { readonly farms: readonly Farm[]; readonly fromMs: number } | undefined
  let inFlight = 0
  let wasReady = false

  const thread = superviseThread<ProberMessages>({
    entry,
    name: `prober ${prober}`,
    data,
    clock,
    ...(resourceLimits && { resourceLimits }),
    /** Gives a new run its farms, and counts the slots that fell due while there was none. */
    onReady() {
      const fromMs = clock.monotonicMs()
      const arrived = new Set(waiting?.farms.map(({ name }) => name))
      countLost(
        farms.filter(({ name }) => !arrived.has(name)),
        fromMs,
      )
      sendQuarantined()
      if (waiting) thread.send({ kind: 'apply', ...waiting, moved: [] })
      waiting = undefined
      ledger.keep(farms, fromMs)
      thread.send({ kind: 'apply', farms, fromMs, moved: [] })
      if (!wasReady) options.onFirstReady()
      wasReady = true
    },
    /** Drops the outcomes and misses of what has left the plan: their series are gone. */
    onMessage(batch) {
      inFlight = batch.inFlight
      const outcomes = batch.outcomes.filter((outcome) => ledger.outcome(outcome))
      const missed = batch.missed.filter(({ subject, count }) => ledger.missed(subject, count))
      onBatch({ ...batch, outcomes, missed })
      for (const subject of batch.costly ?? []) options.onCostly(subject)
    },
    onExit(cause, wasReady) {
      inFlight = 0
      clearNote(data.note)
      const fields = { self: 'prober_restart', prober, error: String(cause) }
      log?.error(fields, 'a prober thread ended and is restarted')
      options.onRestart(prober, cause)
      if (wasReady) countLost(farms, clock.monotonicMs())
    },
  })
  const countLost = (lost: readonly Farm[], untilMs: number) => {
    const missed = ledger.lost(
      lost.map(({ name }) => name),
      untilMs,
    )
    if (missed.length > 0) onBatch({ prober, outcomes: [], missed, inFlight })
  }

  const sendQuarantined = () => thread.send({ kind: 'quarantined', quarantined: options.quarantined() })

  let cancelLook: Cancel
  const lookFrom = (before: number, looks: number) => {
    cancelLook = clock.after(lookEveryMs, () => {
      const { work = 0, subject } = readNote(data.note) ?? {}
      const same = work !== 0 && work === before ? looks + 1 : 0
      if (same >= mostLooks && subject !== undefined) {
        options.onCostly(subject)
        const { farm, target, check } = subject
        const long = `for ${mostLooks} s at an answer of ${target} to the check ${check} of ${farm}`
        thread.end(new Error(`the thread 'prober ${prober}' was ${long}`))
      }
      lookFrom(work, same)
    })
  }
  lookFrom(0, 0)

  return {
    assign(assignment: Assignment): void {
      const { moved, arrived } = assignment
      const fromMs = clock.monotonicMs()
      farms = assignment.farms
      if (thread.isReady()) {
        ledger.keep(farms, fromMs)
        thread.send({ kind: 'apply', farms, fromMs, moved })
      } else if (arrived.length > 0) waiting = { farms: arrived, fromMs }
    },
    /** Ignored while the thread restarts: it has forgotten what is usual. */
    recycled(recycle: Recycled): void {
      if (thread.isReady()) thread.send({ kind: 'recycled', ...recycle })
    },
    /** To be called when `quarantined` has changed. */
    quarantine(): void {
      if (thread.isReady()) sendQuarantined()
    },
    stop(graceMs: number): Promise<void> {
      cancelLook()
      return thread.stop(graceMs)
    },
    inFlight: (): number => inFlight,
  }
}
