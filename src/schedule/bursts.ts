/**
 * The extra probes of one farm in trouble. A failure, an answer far slower than usual, or none when the usual time is
 * over, starts a *burst* on that target, sub-second probes until it is over, and a *sweep*, one probe of every target
 * at once: an outage shorter than the interval is timed, and its culprit named, while it lasts. All of it is bounded,
 * because a farm in trouble needs no load from us.
 */

import { balancerName, type Check, type Farm, type Target, targetsOf } from '../model/farm.ts'
import type { Outcome, Reason } from '../model/outcome.ts'
import { fullBucket, type TokenBucket, takeTokens } from '../runtime/token_bucket.ts'

/** So many good answers in a row, and it is over. */
const enoughGood = 3
const mostBursts = 8
const leastSweepGapMs = 1000
/** One farm: 40 extra probes a second. */
const farmRate = { intervalMs: 25, burst: 40 }

interface Burst {
  readonly kind: 'burst'
  readonly check: string
  readonly target: string
  readonly intervalMs: number
  readonly startedMs: number
  readonly nextMs: number
  readonly untilMs: number
  readonly good: number
  readonly seen: readonly Reason[]
}

/** The burst has lasted as long as it may. A trouble that changes its face (`refused`, then `warming`) gets a new one. */
interface Spent {
  readonly kind: 'spent'
  readonly check: string
  readonly target: string
  readonly good: number
  readonly seen: readonly Reason[]
}

type Trouble = Burst | Spent

/** The state of one farm's extra lanes. Times are milliseconds of any one clock, the one that `nowMs` is of. */
export interface Lanes {
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

export interface LanesStep {
  readonly lanes: Lanes
  readonly orders: readonly ExtraOrder[]
}

export interface Observed {
  readonly farm: Farm
  readonly check: Check
  readonly outcome: Outcome
  /** A good answer, but far slower than this target's baseline. */
  readonly suspicious: boolean
}

/** A tick's probe that is still out though its target usually answers sooner by far. */
export interface Overdue {
  readonly farm: Farm
  readonly check: Check
  readonly target: Target
}

/** What is wrong, or may be. */
interface Problem {
  readonly farm: Farm
  readonly check: Check
  readonly target: string
  /** `ok` of an answer that is slow, or overdue. */
  readonly reason: Reason
  readonly sweeps: boolean
}

const noOrders: readonly ExtraOrder[] = []

/** Lanes of a farm without trouble. */
export const quietLanes: Lanes = {
  troubles: new Map(),
  bucket: fullBucket(farmRate),
  sweptMs: new Map(),
  turn: 0,
}

/** Takes in one outcome of the farm: may start or end a burst, and orders the sweep that goes with a start. */
export function observeLanes(lanes: Lanes, observed: Observed, nowMs: number): LanesStep {
  const { check, outcome, suspicious } = observed
  const good = outcome.reason === 'ok' && !suspicious
  if ((good && lanes.troubles.size === 0) || outcome.suspect || check.canary || check.burst === undefined)
    return { lanes, orders: noOrders }
  const trouble = lanes.troubles.get(keyOf(outcome.check, outcome.target))
  if (good) return { lanes: trouble ? recover(lanes, trouble) : lanes, orders: noOrders }
  return worsen(lanes, problemOf(observed), nowMs)
}

/**
 * Takes in that a probe of a tick is overdue: it starts what a slow answer would start, while the trouble lasts. To be
 * told once for each such probe; the slow answer that may come of it is then no news, and not to be observed.
 */
export function noteOverdue(lanes: Lanes, { farm, check, target }: Overdue, nowMs: number): LanesStep {
  if (check.canary || check.burst === undefined) return { lanes, orders: noOrders }
  return worsen(lanes, { farm, check, target: target.name, reason: 'ok', sweeps: true }, nowMs)
}

/** Orders the burst probes that are due, and ends the bursts that have lasted long enough. */
export function advanceLanes(lanes: Lanes, nowMs: number): LanesStep {
  let next = lanes
  const orders: ExtraOrder[] = []
  for (const trouble of lanes.troubles.values()) {
    if (trouble.kind === 'spent' || trouble.nextMs > nowMs) continue
    if (trouble.untilMs <= nowMs) {
      next = withTrouble(next, spend(trouble))
      continue
    }
    const { taken, bucket } = takeTokens(next.bucket, 1, farmRate, nowMs)
    next = withTrouble({ ...next, bucket }, { ...trouble, nextMs: slotAfter(trouble, nowMs) })
    const { check, target, nextMs: dueMs } = trouble
    if (taken === 1) orders.push({ lane: 'burst', check, target, dueMs })
  }
  return { lanes: next, orders }
}

/** When `advanceLanes` has something to do next; infinity while no burst is on. */
export function nextBurstMs(lanes: Lanes): number {
  let nextMs = Number.POSITIVE_INFINITY
  for (const trouble of lanes.troubles.values())
    if (trouble.kind === 'burst') nextMs = Math.min(nextMs, trouble.nextMs)
  return nextMs
}

/** Forgets the troubles of checks and targets that are gone or have changed. */
export function retainLanes(lanes: Lanes, isKept: (check: string, target: string) => boolean): Lanes {
  const kept = [...lanes.troubles].filter(([, trouble]) => isKept(trouble.check, trouble.target))
  return kept.length === lanes.troubles.size ? lanes : { ...lanes, troubles: new Map(kept) }
}

function worsen(lanes: Lanes, problem: Problem, nowMs: number): LanesStep {
  const { check, target, reason } = problem
  const trouble = lanes.troubles.get(keyOf(check.name, target))
  if (trouble === undefined || isNewFace(trouble, reason)) return begin(lanes, trouble, problem, nowMs)
  const relapsed = trouble.good > 0
  const after = relapsed ? withTrouble(lanes, { ...trouble, good: 0 }) : lanes
  return relapsed && trouble.kind === 'burst' && problem.sweeps
    ? sweep(after, problem, nowMs)
    : { lanes: after, orders: noOrders }
}

function begin(lanes: Lanes, before: Trouble | undefined, problem: Problem, nowMs: number): LanesStep {
  const { check, target, reason } = problem
  if (check.burst === undefined || burstCount(lanes) >= mostBursts) return { lanes, orders: noOrders }
  const swept = problem.sweeps ? sweep(lanes, problem, nowMs) : { lanes, orders: noOrders }
  const isSwept = swept.orders.some((order) => order.target === target)
  const burst: Burst = {
    kind: 'burst',
    check: check.name,
    target,
    intervalMs: check.burst.intervalMs,
    startedMs: nowMs,
    nextMs: isSwept ? nowMs + check.burst.intervalMs : nowMs,
    untilMs: nowMs + check.burst.forMs,
    good: 0,
    seen: [...(before?.seen ?? []), reason],
  }
  return { lanes: withTrouble(swept.lanes, burst), orders: swept.orders }
}

/**
 * Sweeps come of ticks, and of any balancer's failure but a sweep's own. A node's failure in a burst or a sweep
 * starts none: a farm that fails a little everywhere would be swept for ever.
 */
function problemOf({ farm, check, outcome }: Observed): Problem {
  const { lane, role, target, reason } = outcome
  const sweeps = lane === 'tick' || (lane === 'burst' && role === 'balancer')
  return { farm, check, target, reason, sweeps }
}

function sweep(lanes: Lanes, { farm, check, target: troubled }: Problem, nowMs: number): LanesStep {
  const lastMs = lanes.sweptMs.get(check.name) ?? Number.NEGATIVE_INFINITY
  if (nowMs - lastMs < leastSweepGapMs) return { lanes, orders: noOrders }
  const { first, others } = inTurn(farm, check, troubled, lanes.turn)
  const wanted = first.length + others.length
  const { taken: count, bucket } = takeTokens(lanes.bucket, wanted, farmRate, nowMs)
  const orders = [...first, ...others].slice(0, count).map((target) => ({
    lane: 'sweep' as const,
    check: check.name,
    target,
    dueMs: nowMs,
  }))
  const sweptMs = new Map(lanes.sweptMs).set(check.name, nowMs)
  const turn = count < wanted ? lanes.turn + Math.max(0, count - first.length) : lanes.turn
  return { lanes: { ...lanes, bucket, sweptMs, turn }, orders }
}

/** The names of a check's targets: the balancer and the one in trouble, then the others from where it stopped. */
function inTurn(farm: Farm, check: Check, troubled: string, turn: number) {
  const names = targetsOf(farm, check).map(({ name }) => name)
  const isFirst = (name: string) => name === troubled || name === balancerName
  const others = names.filter((name) => !isFirst(name))
  const start = others.length === 0 ? 0 : turn % others.length
  return { first: names.filter(isFirst), others: [...others.slice(start), ...others.slice(0, start)] }
}

function recover(lanes: Lanes, trouble: Trouble): Lanes {
  if (trouble.good + 1 < enoughGood) return withTrouble(lanes, { ...trouble, good: trouble.good + 1 })
  const troubles = new Map(lanes.troubles)
  troubles.delete(keyOf(trouble.check, trouble.target))
  return { ...lanes, troubles }
}

const isNewFace = (trouble: Trouble, reason: Reason) =>
  trouble.kind === 'spent' && !trouble.seen.includes(reason)

const spend = ({ check, target, good, seen }: Burst): Spent => ({ kind: 'spent', check, target, good, seen })

/** A burst that comes late leaves out the slots it has missed. */
function slotAfter({ startedMs, nextMs, intervalMs }: Burst, nowMs: number): number {
  const passed = Math.floor((nowMs - nextMs) / intervalMs)
  return Math.max(startedMs, nextMs + (passed + 1) * intervalMs)
}

function burstCount(lanes: Lanes): number {
  let count = 0
  for (const trouble of lanes.troubles.values()) if (trouble.kind === 'burst') count++
  return count
}

const withTrouble = (lanes: Lanes, trouble: Trouble): Lanes => ({
  ...lanes,
  troubles: new Map(lanes.troubles).set(keyOf(trouble.check, trouble.target), trouble),
})

const keyOf = (check: string, target: string) => `${check}\n${target}`
