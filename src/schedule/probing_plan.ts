/** What a prober probes now, and how a new plan changes it: what has not changed goes on undisturbed. */
import { isDeepStrictEqual } from 'node:util'
import { type Check, type Farm, type Target, targetsOf } from '../model/farm.ts'
import type { Subject } from '../model/outcome.ts'
import { type Extras, noExtras, retainTroubles } from './bursts.ts'
import type { Slots } from './slots.ts'
import type { Job } from './timer_queue.ts'
import { createUsualTime, type UsualTime } from './usual_time.ts'

/** One check on one target. */
export interface Entry {
  readonly subject: Subject
  readonly round: Round
  target: Target
  usual: UsualTime
  /** Its probes in flight, and how many of them are in the lanes `burst` and `sweep`. */
  readonly inFlight: Set<AbortController>
  extrasInFlight: number
  gone: boolean
}

/** One check of a farm: its targets are probed together. */
export interface Round {
  readonly planned: PlannedFarm
  check: Check
  slots: Slots
  job: Job
  entries: Entry[]
}

export interface PlannedFarm {
  farm: Farm
  readonly rounds: Map<string, Round>
  extras: Extras
  burstJob: Job | undefined
}

export type Plan = Map<string, PlannedFarm>

/** Stands in until the round is complete, which its job refers to. */
const noJob: Job = { dueMs: Number.POSITIVE_INFINITY, cancelled: true, run: () => undefined }

/** What the scheduler does about the parts of a plan that come and go. */
export interface PlanHooks {
  slotsFor(farm: Farm, check: Check): Slots
  jobFor(round: Round): Job
  /** A check that was not there before, or has a new schedule. */
  onNewRound(round: Round): unknown
  onGone(entry: Entry): unknown
}

/** Makes `plan` the plan of `farms`. */
export function changePlan(plan: Plan, farms: readonly Farm[], hooks: PlanHooks): void {
  const names = new Set(farms.map(({ name }) => name))
  for (const [name, planned] of plan)
    if (!names.has(name)) {
      plan.delete(name)
      endFarm(planned, hooks)
    }
  for (const farm of farms) {
    const planned = plan.get(farm.name)
    if (planned === undefined) plan.set(farm.name, startFarm(farm, hooks))
    else if (!isDeepStrictEqual(planned.farm, farm)) changeFarm(planned, farm, hooks)
  }
}

/** Every check on every target of a plan. */
export function* entriesOf(plan: Plan): Generator<Entry> {
  for (const planned of plan.values()) for (const round of planned.rounds.values()) yield* round.entries
}

function startFarm(farm: Farm, hooks: PlanHooks): PlannedFarm {
  const planned: PlannedFarm = { farm, rounds: new Map(), extras: noExtras, burstJob: undefined }
  for (const check of farm.checks) startRound(planned, check, hooks)
  return planned
}

function endFarm(planned: PlannedFarm, hooks: PlanHooks): void {
  if (planned.burstJob) planned.burstJob.cancelled = true
  for (const round of planned.rounds.values()) endRound(round, hooks)
}

function changeFarm(planned: PlannedFarm, farm: Farm, hooks: PlanHooks): void {
  const before = planned.farm
  planned.farm = farm
  const isSameSite = isDeepStrictEqual([before.site, before.identity], [farm.site, farm.identity])
  const changed = new Set<Entry>()
  const checks = new Set(farm.checks.map(({ name }) => name))
  for (const [name, round] of planned.rounds)
    if (!checks.has(name)) {
      planned.rounds.delete(name)
      endRound(round, hooks)
    }
  for (const check of farm.checks) {
    const round = planned.rounds.get(check.name)
    if (round === undefined) startRound(planned, check, hooks)
    else for (const entry of changeRound(round, check, isSameSite, hooks)) changed.add(entry)
  }
  forgetTroubles(planned, changed)
}

function forgetTroubles(planned: PlannedFarm, changed: ReadonlySet<Entry>): void {
  planned.extras = retainTroubles(planned.extras, (check, target) => {
    const entry = planned.rounds.get(check)?.entries.find(({ subject }) => subject.target === target)
    return entry !== undefined && !changed.has(entry)
  })
}

function startRound(planned: PlannedFarm, check: Check, hooks: PlanHooks): void {
  const round: Round = { planned, check, slots: hooks.slotsFor(planned.farm, check), job: noJob, entries: [] }
  round.entries = targetsOf(planned.farm, check).map((target) => newEntry(round, target))
  round.job = hooks.jobFor(round)
  planned.rounds.set(check.name, round)
  hooks.onNewRound(round)
}

function endRound(round: Round, hooks: PlanHooks): void {
  round.job.cancelled = true
  for (const entry of round.entries) end(entry, hooks)
}

/** Returns the entries whose history no longer applies to what they probe. */
function changeRound(round: Round, check: Check, isSameSite: boolean, hooks: PlanHooks): Entry[] {
  const before = round.check
  const isSame = isSameSite && isDeepStrictEqual(before, check)
  round.check = check
  const known = new Map(round.entries.map((entry) => [entry.subject.target, entry]))
  const changed: Entry[] = []
  round.entries = targetsOf(round.planned.farm, check).map((target) => {
    const entry = known.get(target.name)
    known.delete(target.name)
    if (entry === undefined) return newEntry(round, target)
    if (!isSame || !isDeepStrictEqual(entry.target, target)) {
      entry.usual = createUsualTime()
      changed.push(entry)
    }
    entry.target = target
    return entry
  })
  for (const entry of known.values()) end(entry, hooks)
  if (!isDeepStrictEqual(before.schedule, check.schedule)) reschedule(round, hooks)
  return changed
}

function reschedule(round: Round, hooks: PlanHooks): void {
  round.job.cancelled = true
  round.slots = hooks.slotsFor(round.planned.farm, round.check)
  round.job = hooks.jobFor(round)
  hooks.onNewRound(round)
}

function newEntry(round: Round, target: Target): Entry {
  return {
    subject: {
      farm: round.planned.farm.name,
      role: target.role,
      target: target.name,
      check: round.check.name,
    },
    round,
    target,
    usual: createUsualTime(),
    inFlight: new Set(),
    extrasInFlight: 0,
    gone: false,
  }
}

function end(entry: Entry, hooks: PlanHooks): void {
  entry.gone = true
  hooks.onGone(entry)
}
