/** What a prober probes now, and how a new plan changes it: what has not changed goes on undisturbed. */
import { isDeepStrictEqual } from 'node:util'
import { type Check, type Farm, type Target, targetsOf, throughTargetsOf } from '../model/farm.ts'
import type { Subject } from '../model/outcome.ts'
import { type Extras, forgetTrouble, noExtras } from './bursts.ts'
import type { Slots } from './slots.ts'
import type { Job } from './timer_queue.ts'
import { createUsualTime, type UsualTime } from './usual_time.ts'

/** One check on one target. */
export interface Entry {
  readonly subject: Subject
  readonly round: Round
  target: Target
  usual: UsualTime
  /** Ends its probes in flight, once it is gone. */
  readonly control: AbortController
  /** How many probes are in flight, and how many of them in the lanes `burst` and `sweep`. */
  inFlight: number
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
  rounds: ReadonlyMap<string, Round>
  extras: Extras
  burstJob: Job | undefined
}

export type Plan = Map<string, PlannedFarm>

export interface PlanHooks {
  slotsFor(farm: Farm, check: Check): Slots
  jobFor(round: Round): Job
  /** A check that was not there before, or has a new schedule. */
  onNewRound(round: Round): unknown
  onGone(entry: Entry): unknown
}

export function changePlan(plan: Plan, farms: readonly Farm[], hooks: PlanHooks): void {
  const names = new Set(farms.map(({ name }) => name))
  for (const [name, planned] of plan) {
    if (names.has(name)) continue
    plan.delete(name)
    if (planned.burstJob) planned.burstJob.cancelled = true
    for (const round of planned.rounds.values()) endRound(round, hooks)
  }
  for (const farm of farms) {
    const planned = plan.get(farm.name)
    if (!isDeepStrictEqual(planned?.farm, farm)) plan.set(farm.name, planFarm(farm, planned, hooks))
  }
}

export function* entriesOf(plan: Plan): Generator<Entry> {
  for (const { rounds } of plan.values()) for (const { entries } of rounds.values()) yield* entries
}

function planFarm(farm: Farm, known: PlannedFarm | undefined, hooks: PlanHooks): PlannedFarm {
  const planned = known ?? { farm, rounds: new Map(), extras: noExtras, burstJob: undefined }
  const { farm: before, rounds } = planned
  const isSameSite = isDeepStrictEqual(before.site, farm.site)
  planned.farm = farm
  planned.rounds = new Map(
    farm.checks.map((check) => [
      check.name,
      planRound(planned, check, rounds.get(check.name), isSameSite, hooks),
    ]),
  )
  for (const [name, round] of rounds) if (!planned.rounds.has(name)) endRound(round, hooks)
  return planned
}

/** Stand in until a new round is complete. */
const noSlots: Slots = { nextMs: () => Number.POSITIVE_INFINITY, advance: () => ({ missed: 0 }) }
const noJob: Job = { dueMs: Number.POSITIVE_INFINITY, cancelled: true, run: () => undefined }

function planRound(
  planned: PlannedFarm,
  check: Check,
  known: Round | undefined,
  isSameSite: boolean,
  hooks: PlanHooks,
): Round {
  const round: Round = known ?? { planned, check, slots: noSlots, job: noJob, entries: [] }
  const before = known?.check
  const isSame = isSameSite && isDeepStrictEqual(before, check)
  const gone = new Map(round.entries.map((entry) => [keyOf(entry.target), entry]))
  round.check = check
  const targets = [...targetsOf(planned.farm, check), ...throughTargetsOf(planned.farm, check)]
  round.entries = targets.map((target) => {
    const entry = gone.get(keyOf(target))
    if (entry === undefined) return newEntry(round, target)
    gone.delete(keyOf(target))
    if (!isSame || !isDeepStrictEqual(entry.target, target)) forget(entry)
    entry.target = target
    return entry
  })
  for (const entry of gone.values()) end(entry, hooks)
  if (isDeepStrictEqual(before?.schedule, check.schedule)) return round
  round.job.cancelled = true
  round.slots = hooks.slotsFor(planned.farm, check)
  round.job = hooks.jobFor(round)
  hooks.onNewRound(round)
  return round
}

const keyOf = ({ role, name }: Target): string => `${role}\n${name}`

function newEntry(round: Round, target: Target): Entry {
  const { planned, check } = round
  return {
    subject: { farm: planned.farm.name, role: target.role, target: target.name, check: check.name },
    round,
    target,
    usual: createUsualTime(),
    control: new AbortController(),
    inFlight: 0,
    extrasInFlight: 0,
    gone: false,
  }
}

/** What was learned about an entry does not apply to what it probes from now on. */
function forget(entry: Entry): void {
  const { planned, check } = entry.round
  entry.usual = createUsualTime()
  if (entry.target.role === 'through') return
  planned.extras = forgetTrouble(planned.extras, check.name, entry.target.name)
}

function endRound(round: Round, hooks: PlanHooks): void {
  round.job.cancelled = true
  for (const entry of round.entries) end(entry, hooks)
}

function end(entry: Entry, hooks: PlanHooks): void {
  forget(entry)
  entry.gone = true
  hooks.onGone(entry)
}
