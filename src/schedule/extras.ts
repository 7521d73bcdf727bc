/** Carries out what the model says of bursts and sweeps, within what one prober may do on top of its ticks. */
import {
  advanceLanes,
  type Budget,
  type ExtraOrder,
  type LanesStep,
  nextBurstMs,
  observeLanes,
  proberAllowance,
  take,
} from '../model/lanes.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Agenda, Job } from './agenda.ts'
import type { Start } from './flights.ts'
import type { Entry, FarmRun } from './plan.ts'

export interface ExtrasOptions {
  readonly agenda: Agenda
  readonly start: (starts: readonly Start[]) => void
  /** The wall time of a monotonic moment. */
  readonly stampOf: (monotonicMs: number) => number
}

/** Returns what is to hear of every outcome, `nowMs` in monotonic milliseconds. */
export function createExtras({ agenda, start, stampOf }: ExtrasOptions) {
  let budget: Budget = { left: proberAllowance.most, atMs: Number.NEGATIVE_INFINITY }

  const follow = (run: FarmRun, step: LanesStep, nowMs: number) => {
    if (step.lanes === run.lanes) return
    run.lanes = step.lanes
    const taken = take(budget, step.orders.length, proberAllowance, nowMs)
    budget = taken.budget
    const starts = step.orders.slice(0, taken.count).flatMap((order) => startsOf(run, order))
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

  return (entry: Entry, outcome: Outcome, nowMs: number): void => {
    const { run, check } = entry.round
    if (check.burst === undefined || check.canary) return
    const suspicious = entry.suspicion(outcome)
    follow(run, observeLanes(run.lanes, { farm: run.farm, check, outcome, suspicious }, nowMs), nowMs)
  }
}
