/**
 * The extra probes of one farm in trouble. A failure, an answer far slower than usual, or a probe that is overdue
 * starts a *burst* on that target, sub-second probes until it is over, and a *sweep*, one probe of every target at
 * once: an outage shorter than the interval is timed, and its culprit named, while it lasts. All of it is bounded,
 * because a farm in trouble needs no load from us.
 */

import { balancerName, type Check, type Farm, type Target, targetsOf } from '../model/farm.ts'
import { type Lane, type Outcome, proofOf, type Reason, seriesKey } from '../model/outcome.ts'
import { fullBucket, type TokenBucket, takeTokens } from '../runtime/token_bucket.ts'

/** So many good answers in a row end a burst. */
const enoughGood = 3
const mostBursts = 8
const leastSweepGapMs = 1000
/** One farm: 40 extra probes a second. */
const farmRate = { intervalMs: 25, burst: 40 }

/** A target that fails, or is far slower than usual, under one check. */
interface Trouble {
  readonly check: string
  readonly target: string
  /** Good answers in a row. */
  readonly good: number
  /** Each reason starts one burst at most: `refused`, say, and then `warming`. */
  readonly seen: readonly Reason[]
  /** Undefined when it has lasted as long as it may. */
  readonly burst: Burst | undefined
}

interface Burst {
  readonly intervalMs: number
  readonly nextMs: number
  readonly untilMs: number
}

/** The extra probes of one farm. Times are milliseconds of any one clock, the one that `nowMs` is of. */
export interface Extras {
  readonly troubles: ReadonlyMap<string, Trouble>
  readonly bucket: TokenBucket
  /** When each check was swept last, by name. */
  readonly sweptMs: ReadonlyMap<string, number>
  /** Where the next sweep starts that cannot afford every target. */
  readonly turn: number
}

/** A probe to be made now, unless the target has too many in flight. */
export interface ExtraOrder {
  readonly lane: 'burst' | 'sweep'
  readonly check: string
  readonly target: string
  /** When it was due, on the clock of `nowMs`. */
  readonly dueMs: number
}

export interface ExtrasStep {
  readonly extras: Extras
  readonly orders: readonly ExtraOrder[]
}

export interface Observed {
  readonly farm: Farm
  readonly check: Check
  readonly outcome: Outcome
  /** A good answer, but far slower than this target's baseline. */
  readonly suspicious: boolean
}

/** A probe that is still in flight though its target usually answers sooner. */
export interface Overdue {
  readonly farm: Farm
  readonly check: Check
  readonly target: Target
  readonly lane: Lane
}

interface Problem {
  readonly farm: Farm
  readonly check: Check
  readonly target: string
  /** `ok` of an answer that is slow, or overdue. */
  readonly reason: Reason
  readonly sweeps: boolean
}

/** Those of a farm without trouble. */
export const noExtras: Extras = {
  troubles: new Map(),
  bucket: fullBucket(farmRate),
  sweptMs: new Map(),
  turn: 0,
}

const noOrders: readonly ExtraOrder[] = []
const unchanged = (extras: Extras): ExtrasStep => ({ extras, orders: noOrders })

/** Takes in one outcome of the farm: it may start or end a burst, and a start orders a sweep. */
export function observeOutcome(extras: Extras, observed: Observed, nowMs: number): ExtrasStep {
  const { check, outcome, suspicious } = observed
  const good = outcome.reason === 'ok' && !suspicious
  const isNone = good ? extras.troubles.size === 0 : proofOf(outcome) === 'nothing'
  if (isNone || check.canary || check.burst === undefined) return unchanged(extras)
  if (!good) return fail(extras, problemOf(observed), nowMs)
  const trouble = extras.troubles.get(seriesKey(outcome.target, outcome.check))
  return unchanged(trouble ? improve(extras, trouble) : extras)
}

/**
 * Takes in that a probe takes long: orders one more beside it, or one of every target when it is the balancer's. If both wait
 * for the same moment, their node answers nobody; if the second is answered at once, a page is slow. Call it once for each
 * such probe, and `observeOverdue` when it is overdue.
 */
export function observeLong(extras: Extras, overdue: Overdue, nowMs: number): ExtrasStep {
  const { check, target } = overdue
  const hasBurst = extras.troubles.get(seriesKey(target.name, check.name))?.burst !== undefined
  if (check.canary || check.burst === undefined || hasBurst) return unchanged(extras)
  const problem = slowProblem(overdue)
  if (problem.sweeps && target.role === 'balancer') return sweep(extras, problem, nowMs)
  const { taken, bucket } = takeTokens(extras.bucket, 1, farmRate, nowMs)
  const order = { lane: 'burst' as const, check: check.name, target: target.name, dueMs: nowMs }
  return { extras: { ...extras, bucket }, orders: taken === 1 ? [order] : noOrders }
}

/**
 * Takes in that a probe is overdue: it starts what a slow answer would start, while the cause lasts. Call it once for each
 * such probe, and do not observe the slow answer that may follow.
 */
export function observeOverdue(extras: Extras, overdue: Overdue, nowMs: number): ExtrasStep {
  const { check } = overdue
  if (check.canary || check.burst === undefined) return unchanged(extras)
  return fail(extras, slowProblem(overdue), nowMs)
}

const slowProblem = ({ farm, check, target, lane }: Overdue): Problem => ({
  farm,
  check,
  target: target.name,
  reason: 'ok',
  sweeps: lane === 'tick',
})

/** Orders the burst probes that are due, and ends the bursts that have lasted as long as they may. */
export function advanceBursts(extras: Extras, nowMs: number): ExtrasStep {
  let next = extras
  const orders: ExtraOrder[] = []
  for (const trouble of extras.troubles.values()) {
    const { check, target, burst } = trouble
    if (burst === undefined || burst.nextMs > nowMs) continue
    if (burst.untilMs <= nowMs) {
      next = withTrouble(next, { ...trouble, burst: undefined })
      continue
    }
    const { taken, bucket } = takeTokens(next.bucket, 1, farmRate, nowMs)
    const rescheduled = { ...burst, nextMs: slotAfter(burst, nowMs) }
    next = withTrouble({ ...next, bucket }, { ...trouble, burst: rescheduled })
    if (taken === 1) orders.push({ lane: 'burst', check, target, dueMs: burst.nextMs })
  }
  return { extras: next, orders }
}

/** When `advanceBursts` has something to do next; infinity while there is no burst. */
export function nextBurstMs({ troubles }: Extras): number {
  let nextMs = Number.POSITIVE_INFINITY
  for (const { burst } of troubles.values()) if (burst) nextMs = Math.min(nextMs, burst.nextMs)
  return nextMs
}

/** Ends the trouble of a check on a target that is gone or has changed. */
export function forgetTrouble(extras: Extras, check: string, target: string): Extras {
  const troubles = new Map(extras.troubles)
  return troubles.delete(seriesKey(target, check)) ? { ...extras, troubles } : extras
}

function fail(extras: Extras, problem: Problem, nowMs: number): ExtrasStep {
  const { check, target, reason } = problem
  const trouble = extras.troubles.get(seriesKey(target, check.name))
  if (trouble === undefined || (trouble.burst === undefined && !trouble.seen.includes(reason)))
    return startBurst(extras, trouble?.seen ?? [], problem, nowMs)
  if (trouble.good === 0) return unchanged(extras)
  const after = withTrouble(extras, { ...trouble, good: 0 })
  return trouble.burst && problem.sweeps ? sweep(after, problem, nowMs) : unchanged(after)
}

function startBurst(extras: Extras, seen: readonly Reason[], problem: Problem, nowMs: number): ExtrasStep {
  const { check, target, reason } = problem
  if (check.burst === undefined || burstCount(extras) >= mostBursts) return unchanged(extras)
  const { intervalMs, forMs } = check.burst
  const swept = problem.sweeps ? sweep(extras, problem, nowMs) : unchanged(extras)
  const isSwept = swept.orders.some((order) => order.target === target)
  const burst = { intervalMs, nextMs: isSwept ? nowMs + intervalMs : nowMs, untilMs: nowMs + forMs }
  const trouble = { check: check.name, target, good: 0, seen: [...seen, reason], burst }
  return { extras: withTrouble(swept.extras, trouble), orders: swept.orders }
}

/** Takes in a good answer of a target in trouble: several in a row end it, and its burst with it. */
function improve(extras: Extras, trouble: Trouble): Extras {
  const good = trouble.good + 1
  if (good < enoughGood) return withTrouble(extras, { ...trouble, good })
  return forgetTrouble(extras, trouble.check, trouble.target)
}

/**
 * Ticks cause sweeps, and so does any failure of a balancer but a sweep's own. A node's failure in a burst or a sweep
 * causes none: a farm that fails a little everywhere would be swept without end.
 */
function problemOf({ farm, check, outcome }: Observed): Problem {
  const { lane, role, target, reason } = outcome
  const sweeps = lane === 'tick' || (lane === 'burst' && role === 'balancer')
  return { farm, check, target, reason, sweeps }
}

function sweep(extras: Extras, { farm, check, target: troubled }: Problem, nowMs: number): ExtrasStep {
  const lastMs = extras.sweptMs.get(check.name) ?? Number.NEGATIVE_INFINITY
  if (nowMs - lastMs < leastSweepGapMs) return unchanged(extras)
  const { first, others } = inTurn(farm, check, troubled, extras.turn)
  const wanted = [...first, ...others]
  const { taken, bucket } = takeTokens(extras.bucket, wanted.length, farmRate, nowMs)
  const orders = wanted
    .slice(0, taken)
    .map((target) => ({ lane: 'sweep' as const, check: check.name, target, dueMs: nowMs }))
  const sweptMs = new Map(extras.sweptMs).set(check.name, nowMs)
  const turn = taken < wanted.length ? extras.turn + Math.max(0, taken - first.length) : extras.turn
  return { extras: { ...extras, bucket, sweptMs, turn }, orders }
}

/** The names of a check's targets: the balancer and the one in trouble, then the others from where it stopped. */
function inTurn(farm: Farm, check: Check, troubled: string, turn: number) {
  const names = targetsOf(farm, check).map(({ name }) => name)
  const isFirst = (name: string) => name === troubled || name === balancerName
  const others = names.filter((name) => !isFirst(name))
  const start = others.length === 0 ? 0 : turn % others.length
  return { first: names.filter(isFirst), others: [...others.slice(start), ...others.slice(0, start)] }
}

/** A burst that is late leaves out the slots it has missed. */
const slotAfter = ({ nextMs, intervalMs }: Burst, nowMs: number): number =>
  nextMs + (Math.floor((nowMs - nextMs) / intervalMs) + 1) * intervalMs

function burstCount({ troubles }: Extras): number {
  let count = 0
  for (const { burst } of troubles.values()) if (burst) count++
  return count
}

const withTrouble = (extras: Extras, trouble: Trouble): Extras => ({
  ...extras,
  troubles: new Map(extras.troubles).set(seriesKey(trouble.target, trouble.check), trouble),
})
