/**
 * The extra probes of one farm in trouble. A failure, or an answer far slower than usual, starts a *burst* on that
 * target, sub-second probes until it is over, and a *sweep*, one probe of every target at once: an outage shorter
 * than the interval is timed, and its culprit named, while it lasts. All of it is bounded, because a farm in trouble
 * needs no load from us.
 */
import { balancerName, type Check, type Farm, targetsOf } from './farm.ts'
import type { Outcome, Reason } from './outcome.ts'

/** So many good answers in a row, and it is over. */
const enoughGood = 3
const mostBursts = 8
const leastSweepGapMs = 1000
const farmAllowance = { perSecond: 40, most: 40 }
/** All farms of one prober together. */
export const proberAllowance = { perSecond: 200, most: 200 }

/** Extra probes that may still be made: refilled by time, up to a maximum. */
export interface Budget {
  readonly left: number
  readonly atMs: number
}

export interface Allowance {
  readonly perSecond: number
  readonly most: number
}

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
  readonly budget: Budget
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

const noOrders: readonly ExtraOrder[] = []

/** Lanes of a farm without trouble. */
export const quietLanes: Lanes = {
  troubles: new Map(),
  budget: { left: farmAllowance.most, atMs: Number.NEGATIVE_INFINITY },
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
  if (trouble === undefined || isNewFace(trouble, outcome.reason))
    return begin(lanes, trouble, observed, nowMs)
  const relapsed = trouble.good > 0
  const after = relapsed ? withTrouble(lanes, { ...trouble, good: 0 }) : lanes
  return relapsed && trouble.kind === 'burst' && sweeps(observed)
    ? sweep(after, observed, nowMs)
    : { lanes: after, orders: noOrders }
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
    const taken = take(next.budget, 1, farmAllowance, nowMs)
    next = withTrouble({ ...next, budget: taken.budget }, { ...trouble, nextMs: slotAfter(trouble, nowMs) })
    const { check, target, nextMs: dueMs } = trouble
    if (taken.count === 1) orders.push({ lane: 'burst', check, target, dueMs })
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

/** Takes as many of `wanted` extra probes as the allowance has left. */
export function take(budget: Budget, wanted: number, allowance: Allowance, nowMs: number) {
  const earned = ((nowMs - budget.atMs) / 1000) * allowance.perSecond
  const left = Math.min(allowance.most, budget.left + Math.max(0, earned))
  const count = Math.min(wanted, Math.floor(left))
  return { count, budget: { left: left - count, atMs: nowMs } satisfies Budget }
}

function begin(lanes: Lanes, before: Trouble | undefined, observed: Observed, nowMs: number): LanesStep {
  const { check, outcome } = observed
  if (check.burst === undefined || burstCount(lanes) >= mostBursts) return { lanes, orders: noOrders }
  const swept = sweeps(observed) ? sweep(lanes, observed, nowMs) : { lanes, orders: noOrders }
  const isSwept = swept.orders.some(({ target }) => target === outcome.target)
  const burst: Burst = {
    kind: 'burst',
    check: outcome.check,
    target: outcome.target,
    intervalMs: check.burst.intervalMs,
    startedMs: nowMs,
    nextMs: isSwept ? nowMs + check.burst.intervalMs : nowMs,
    untilMs: nowMs + check.burst.forMs,
    good: 0,
    seen: [...(before?.seen ?? []), outcome.reason],
  }
  return { lanes: withTrouble(swept.lanes, burst), orders: swept.orders }
}

/**
 * Sweeps come of ticks, and of any balancer's failure but a sweep's own. A node's failure in a burst or a sweep
 * starts none: a farm that fails a little everywhere would be swept for ever.
 */
const sweeps = ({ outcome }: Observed): boolean =>
  outcome.lane === 'tick' || (outcome.lane === 'burst' && outcome.role === 'balancer')

function sweep(lanes: Lanes, { farm, check, outcome }: Observed, nowMs: number): LanesStep {
  const lastMs = lanes.sweptMs.get(check.name) ?? Number.NEGATIVE_INFINITY
  if (nowMs - lastMs < leastSweepGapMs) return { lanes, orders: noOrders }
  const { first, others } = inTurn(farm, check, outcome.target, lanes.turn)
  const wanted = first.length + others.length
  const { count, budget } = take(lanes.budget, wanted, farmAllowance, nowMs)
  const orders = [...first, ...others].slice(0, count).map((target) => ({
    lane: 'sweep' as const,
    check: check.name,
    target,
    dueMs: nowMs,
  }))
  const sweptMs = new Map(lanes.sweptMs).set(check.name, nowMs)
  const turn = count < wanted ? lanes.turn + Math.max(0, count - first.length) : lanes.turn
  return { lanes: { ...lanes, budget, sweptMs, turn }, orders }
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
