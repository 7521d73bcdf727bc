/** Carries out what the model says of bursts and sweeps, within what one prober may do on top of its ticks. */

import type { Outcome } from '../model/outcome.ts'
import { fullBucket, takeTokens } from '../runtime/token_bucket.ts'
import {
  advanceLanes,
  type ExtraOrder,
  type LanesStep,
  nextBurstMs,
  noteOverdue,
  observeLanes,
} from './bursts.ts'
import type { Start } from './in_flight.ts'
import type { Entry, FarmRun } from './probing_plan.ts'
import type { Agenda, Job } from './timer_queue.ts'

/** All farms of one prober together: 200 extra probes a second. */
const proberRate = { intervalMs: 5, burst: 200 }

export interface ExtrasOptions {
  readonly agenda: Agenda
  readonly start: (starts: readonly Start[]) => void
  /** The wall time of a monotonic moment. */
  readonly stampOf: (monotonicMs: number) => number
}

/** What is to hear of everything that may be trouble; `nowMs` in monotonic milliseconds. */
export interface Extras {
  /** Hears of every outcome; `wasOverdue` when `overdue` has told of it. */
  observe(entry: Entry, outcome: Outcome, wasOverdue: boolean, nowMs: number): void
  /** Hears of a tick's probe that is far slower than usual, while it is out. */
  overdue(entry: Entry, nowMs: number): void
}

/** Extras of farms without trouble. */
export function createExtras({ agenda, start, stampOf }: ExtrasOptions): Extras {
  let bucket = fullBucket(proberRate)

  const follow = (run: FarmRun, step: LanesStep, nowMs: number) => {
    if (step.lanes === run.lanes) return
    run.lanes = step.lanes
    const allowed = takeTokens(bucket, step.orders.length, proberRate, nowMs)
    bucket = allowed.bucket
    const starts = step.orders.slice(0, allowed.taken).flatMap((order) => startsOf(run, order))
    if (starts.length > 0) start(starts)
    awaitBurst(run)
  }
  const startsOf = (run: FarmRun, { lane, check, target, dueMs }: ExtraOrder): Start[] => {
    const entry = run.rounds.get(check)?.entries.find(({ subject }) => subject.target === target)
    return entry === undefined ? [] : [{ entry, lane, dueMs, slotMs: stampOf(dueMs) }]
  }
  const awaitBurst = (run: FarmRun) => {
    const dueMs = nextBurstMs(run.lanes)
    if (run.burstJob?.dueMs === dueMs) return
    if (run.burstJob) run.burstJob.cancelled = true
    run.burstJob = dueMs === Number.POSITIVE_INFINITY ? undefined : burstJob(run, dueMs)
    if (run.burstJob) agenda.add(run.burstJob)
  }
  const burstJob = (run: FarmRun, dueMs: number): Job => ({
    dueMs,
    cancelled: false,
    run(nowMs) {
      run.burstJob = undefined
      // The agenda may be a moment early; the burst is then due all the same.
      const atMs = Math.max(nowMs, dueMs)
      follow(run, advanceLanes(run.lanes, atMs), atMs)
    },
  })

  return {
    observe(entry, outcome, wasOverdue, nowMs) {
      const { run, check } = entry.round
      if (check.burst === undefined || check.canary) return
      const suspicious = entry.suspicion.observe(outcome)
      if (suspicious && wasOverdue) return
      follow(run, observeLanes(run.lanes, { farm: run.farm, check, outcome, suspicious }, nowMs), nowMs)
    },
    overdue({ round: { run, check }, target }, nowMs) {
      follow(run, noteOverdue(run.lanes, { farm: run.farm, check, target }, nowMs), nowMs)
    },
  }
}
