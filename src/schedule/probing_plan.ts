/** What a prober is probing now, and how a new plan changes it: whatever has not changed goes on undisturbed. */
import { isDeepStrictEqual } from 'node:util'
import { type Check, type Farm, type Target, targetsOf } from '../model/farm.ts'
import type { Subject } from '../model/outcome.ts'
import { type Lanes, quietLanes, retainLanes } from './bursts.ts'
import type { Slots } from './check_slots.ts'
import type { Job } from './timer_queue.ts'
import { createSuspicion, type Suspicion } from './usual_time.ts'

/** One check on one target. */
export interface Entry {
  readonly subject: Subject
  readonly round: Round
  target: Target
  suspicion: Suspicion
  /** Its probes in flight, and how many of them are in the lanes `burst` and `sweep`. */
  readonly flights: Set<AbortController>
  extraFlights: number
  gone: boolean
}

/** One check of a farm: its targets are probed together. */
export interface Round {
  readonly run: FarmRun
  check: Check
  slots: Slots
  job: Job
  entries: Entry[]
}

export interface FarmRun {
  farm: Farm
  readonly rounds: Map<string, Round>
  lanes: Lanes
  burstJob: Job | undefined
}

export type Plan = Map<string, FarmRun>

/** Stands in until a round, which its job needs to know, is there. */
const noJob: Job = { dueMs: Number.POSITIVE_INFINITY, cancelled: true, run: () => undefined }

/** What becomes of the parts of a plan; the scheduler's side of a change. */
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
  for (const [name, run] of plan)
    if (!names.has(name)) {
      plan.delete(name)
      endFarm(run, hooks)
    }
  for (const farm of farms) {
    const run = plan.get(farm.name)
    if (run === undefined) plan.set(farm.name, startFarm(farm, hooks))
    else if (!isDeepStrictEqual(run.farm, farm)) changeFarm(run, farm, hooks)
  }
}

/** Every check on every target of a plan. */
export function* entriesOf(plan: Plan): Generator<Entry> {
  for (const run of plan.values()) for (const round of run.rounds.values()) yield* round.entries
}

function startFarm(farm: Farm, hooks: PlanHooks): FarmRun {
  const run: FarmRun = { farm, rounds: new Map(), lanes: quietLanes, burstJob: undefined }
  for (const check of farm.checks) startRound(run, check, hooks)
  return run
}

function endFarm(run: FarmRun, hooks: PlanHooks): void {
  if (run.burstJob) run.burstJob.cancelled = true
  for (const round of run.rounds.values()) endRound(round, hooks)
}

function changeFarm(run: FarmRun, farm: Farm, hooks: PlanHooks): void {
  const before = run.farm
  run.farm = farm
  const isSameSite = isDeepStrictEqual([before.site, before.identity], [farm.site, farm.identity])
  const changed = new Set<Entry>()
  const checks = new Set(farm.checks.map(({ name }) => name))
  for (const [name, round] of run.rounds)
    if (!checks.has(name)) {
      run.rounds.delete(name)
      endRound(round, hooks)
    }
  for (const check of farm.checks) {
    const round = run.rounds.get(check.name)
    if (round === undefined) startRound(run, check, hooks)
    else for (const entry of changeRound(round, check, isSameSite, hooks)) changed.add(entry)
  }
  forgetTroubles(run, changed)
}

function forgetTroubles(run: FarmRun, changed: ReadonlySet<Entry>): void {
  run.lanes = retainLanes(run.lanes, (check, target) => {
    const entry = run.rounds.get(check)?.entries.find(({ subject }) => subject.target === target)
    return entry !== undefined && !changed.has(entry)
  })
}

function startRound(run: FarmRun, check: Check, hooks: PlanHooks): void {
  const round: Round = { run, check, slots: hooks.slotsFor(run.farm, check), job: noJob, entries: [] }
  round.entries = targetsOf(run.farm, check).map((target) => newEntry(round, target))
  round.job = hooks.jobFor(round)
  run.rounds.set(check.name, round)
  hooks.onNewRound(round)
}

function endRound(round: Round, hooks: PlanHooks): void {
  round.job.cancelled = true
  for (const entry of round.entries) end(entry, hooks)
}

/** Returns the entries whose history says nothing of what they probe now. */
function changeRound(round: Round, check: Check, isSameSite: boolean, hooks: PlanHooks): Entry[] {
  const before = round.check
  const isSame = isSameSite && isDeepStrictEqual(before, check)
  round.check = check
  const known = new Map(round.entries.map((entry) => [entry.subject.target, entry]))
  const changed: Entry[] = []
  round.entries = targetsOf(round.run.farm, check).map((target) => {
    const entry = known.get(target.name)
    known.delete(target.name)
    if (entry === undefined) return newEntry(round, target)
    if (!isSame || !isDeepStrictEqual(entry.target, target)) {
      entry.suspicion = createSuspicion()
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
  round.slots = hooks.slotsFor(round.run.farm, round.check)
  round.job = hooks.jobFor(round)
  hooks.onNewRound(round)
}

function newEntry(round: Round, target: Target): Entry {
  return {
    subject: { farm: round.run.farm.name, role: target.role, target: target.name, check: round.check.name },
    round,
    target,
    suspicion: createSuspicion(),
    flights: new Set(),
    extraFlights: 0,
    gone: false,
  }
}

function end(entry: Entry, hooks: PlanHooks): void {
  entry.gone = true
  hooks.onGone(entry)
}
