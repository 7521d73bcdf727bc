/** Makes the probes that bursts and sweeps order, within what one prober may do on top of its ticks. */
import type { Outcome } from '../model/outcome.ts'
import { fullBucket, takeTokens } from '../runtime/token_bucket.ts'
import {
  advanceBursts,
  type ExtraOrder,
  type ExtrasStep,
  nextBurstMs,
  observeLong,
  observeOutcome,
  observeOverdue,
} from './bursts.ts'
import type { Start } from './in_flight.ts'
import type { Awaited } from './overdue.ts'
import type { Entry, PlannedFarm } from './probing_plan.ts'
import type { Job, TimerQueue } from './timer_queue.ts'

/** All farms of one prober together: 200 extra probes a second. */
const proberRate = { intervalMs: 5, burst: 200 }

export interface ExtraProbesOptions {
  readonly timers: TimerQueue
  readonly start: (starts: readonly Start[]) => void
  /** The wall time of a monotonic moment. */
  readonly stampOf: (monotonicMs: number) => number
}

/** What goes through the balancer to a known node is probed by its ticks alone: the balancer and the node have their own bursts. */
const hasExtras = ({ round: { check }, target }: Entry): boolean =>
  check.burst !== undefined && !check.canary && target.role !== 'through'

/** Takes in everything that may be trouble; `nowMs` is in monotonic milliseconds. */
export function createExtraProbes({ timers, start, stampOf }: ExtraProbesOptions) {
  let bucket = fullBucket(proberRate)

  const follow = (planned: PlannedFarm, step: ExtrasStep, nowMs: number) => {
    if (step.extras === planned.extras) return
    planned.extras = step.extras
    const allowed = takeTokens(bucket, step.orders.length, proberRate, nowMs)
    bucket = allowed.bucket
    const starts = step.orders.slice(0, allowed.taken).flatMap((order) => startsOf(planned, order))
    if (starts.length > 0) start(starts)
    scheduleBurst(planned)
  }
  const startsOf = (planned: PlannedFarm, { lane, check, target, dueMs }: ExtraOrder): Start[] => {
    const entry = planned.rounds.get(check)?.entries.find(({ subject }) => subject.target === target)
    return entry === undefined ? [] : [{ entry, lane, dueMs, slotMs: stampOf(dueMs) }]
  }
  const scheduleBurst = (planned: PlannedFarm) => {
    const dueMs = nextBurstMs(planned.extras)
    if (planned.burstJob?.dueMs === dueMs) return
    if (planned.burstJob) planned.burstJob.cancelled = true
    planned.burstJob = dueMs === Number.POSITIVE_INFINITY ? undefined : burstJob(planned, dueMs)
    if (planned.burstJob) timers.add(planned.burstJob)
  }
  const burstJob = (planned: PlannedFarm, dueMs: number): Job => ({
    dueMs,
    cancelled: false,
    run(nowMs) {
      planned.burstJob = undefined
      // A timer may be a moment early; the burst is then due all the same.
      const atMs = Math.max(nowMs, dueMs)
      follow(planned, advanceBursts(planned.extras, atMs), atMs)
    },
  })

  const whileInFlight = (observe: typeof observeOverdue, { entry, lane }: Awaited, nowMs: number) => {
    const { target, round } = entry
    const { planned, check } = round
    if (!hasExtras(entry)) return
    follow(planned, observe(planned.extras, { farm: planned.farm, check, target, lane }, nowMs), nowMs)
  }

  return {
    /** Every outcome; `wasOverdue` when `overdue` has reported the probe before. `machineMs` of it may be the machine's. */
    observe(entry: Entry, outcome: Outcome, wasOverdue: boolean, machineMs: number, nowMs: number): void {
      const { planned, check } = entry.round
      if (!hasExtras(entry)) return
      const suspicious = entry.usual.observe(outcome, machineMs)
      if (suspicious && wasOverdue) return
      const observed = { farm: planned.farm, check, outcome, suspicious }
      follow(planned, observeOutcome(planned.extras, observed, nowMs), nowMs)
    },
    /** A probe that takes long, while it is in flight. */
    long: (awaited: Awaited, nowMs: number): void => whileInFlight(observeLong, awaited, nowMs),
    /** A probe that takes far longer than usual, while it is in flight. */
    overdue: (awaited: Awaited, nowMs: number): void => whileInFlight(observeOverdue, awaited, nowMs),
  }
}
