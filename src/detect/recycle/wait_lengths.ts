/**
 * What the length of a wait says: a start, or slowness by nature, such as garbage collection, a busy worker or a heavy
 * tail? Two kinds of lengths are told apart per check, on all nodes, since they run the same application: starts take
 * about as long every time, natural waits thin out with a power of their length. Which of the earlier waits were starts
 * is judged anew with each wait (expectation maximization), once from each wait by itself and once as if all that are about as
 * long as the new one were starts; what explains all waits better holds. So a few long ones that nothing natural leads up to
 * show each other to be starts, the first of them included.
 */
import { intervalMsOf } from '../../model/farm.ts'
import { dayMs, hourMs, minuteMs } from '../../runtime/duration.ts'
import type { Detector } from '../detector.ts'
import { byCheck, createMemories, wholly } from '../memories.ts'
import { fieldsOf, flag, listOf, number, type Of, time } from '../shape.ts'

/**
 * Natural waits that are remembered, the longest, as the extremes are what matters, those that most nodes shared apart from the
 * others; and starts, the newest.
 */
const most = { natural: 48, starts: 16 }
const forgetAfterMs = 30 * dayMs
/** Judging all waits anew ends when no probability changes by more than this, or after so many rounds. */
const settled = { change: 0.01, rounds: 20 }
/**
 * Before anything is known: tails that thin out with such a power of the wait, known as well as from so many waits in so
 * much time. Pauses of a whole process are rarer than single slow answers.
 */
const priors = {
  alone: { exponent: 4, weight: 4, watchedMs: 10 * minuteMs },
  several: { exponent: 3, weight: 4, watchedMs: 4 * hourMs },
} as const
/**
 * Starts take 3 s in the median, two thirds of them within a factor of 3.3, as on recorded farms; those of one farm are
 * within a factor of 1.5, since probes come in the middle of some. Before any is known a node has one a day, which weighs
 * as much as so many that are.
 */
const starts = { medianMs: 3000, spread: 1.2, ownSpread: 0.4, weight: 0.3, worth: 0.1 }
/**
 * The chance that a second probe, asked during a natural wait, waits as well: next to none where single pages are slow,
 * known as well as from so many waits, but large where a worker answers one request after the other; and that a further
 * one does.
 */
const alsoSlow = { chance: 0.03, weight: 10, further: 0.3 }
const mostWaiters = 5
/** Pauses of one kind are within a factor of 1.2 of one another. */
const alikeSpread = 0.15
/** With fewer natural waits their tail begins at the shortest wait that is taken in. */
const fewest = 16

const wait = fieldsOf({
  atMs: time,
  waitMs: number,
  /** How many probes waited. */
  waiters: number,
  /** Most other nodes were in trouble as well: what is natural then says nothing of other times. */
  shared: flag,
  /** Log-odds of a start by everything but the length. */
  others: number,
  /** How likely it was a start, as judged with the newest wait: 0 to 1. */
  start: number,
})

/** What is known of one check, on all nodes. */
export const checkWaits = fieldsOf({
  waits: listOf(wait),
  /** Starts that are no longer remembered. */
  forgotten: number,
  /** For how long answers have been watched, added up over the nodes. */
  watchedMs: number,
})

type CheckWaits = Of<typeof checkWaits>
export type Wait = Of<typeof wait>

export interface WaitLengths extends Detector {
  get(check: string): CheckWaits | undefined
}

export function createWaitLengths(): WaitLengths {
  const checks = createMemories(byCheck, wholly(checkWaits))
  return {
    ...checks,
    observe({ outcome: { lane, role }, series }) {
      const known = lane === 'tick' && role === 'node' ? checks.get(series.check.name) : undefined
      if (known !== undefined) known.watchedMs += intervalMsOf(series.check) ?? 0
    },
  }
}

/**
 * Takes in a wait. How likely it was a start is judged anew with each later wait, as long as it is remembered; `fromMs` is
 * the shortest wait that is taken in.
 */
export function takeIn(memory: CheckWaits, fresh: Omit<Wait, 'start'>, fromMs: number): Wait {
  const own: Wait = { ...fresh, start: 0 }
  const natural = memory.waits.filter(({ start, shared }) => start < 0.5 && shared === own.shared)
  // Far more often than not it is one of many short ones, which change nothing.
  if (natural.length === most.natural && own.waitMs < (natural.at(-1)?.waitMs ?? 0)) {
    own.start = probabilityFrom(own.others + lengthOdds(memory, memory.waits, own, fromMs))
    return own
  }
  const all = [...memory.waits.filter(({ atMs }) => fresh.atMs - atMs < forgetAfterMs), own]
  all.sort((a, b) => b.waitMs - a.waitMs)
  let best = {
    judged: new Map(all.map((each) => [each, each.start])),
    logLikelihood: Number.NEGATIVE_INFINITY,
  }
  for (const seed of mayBeStart(own) ? [undefined, own] : [undefined]) {
    const found = {
      judged: settle(memory, all, fromMs, seed),
      logLikelihood: logLikelihood(memory, all, fromMs),
    }
    // Of many natural waits only the longest are remembered: were most of these starts, nothing would be left of the others.
    const left = all.filter(({ start, shared }) => start < 0.5 && shared === own.shared).length
    const isTailKept = natural.length < most.natural || left > natural.length / 2
    if (isTailKept && found.logLikelihood > best.logLikelihood) best = found
  }
  for (const [each, start] of best.judged) each.start = start
  remember(memory, all)
  return own
}

/** The log-odds of a start by the length of a wait alone. */
export const lengthLogOdds = ({ start, others }: Wait): number => Math.log(start / (1 - start)) - others

/** Only such waits can show each other to be starts: what is shorter is more often a pause, however often it comes. */
const mayBeStart = ({ waitMs, others }: Wait): boolean => waitMs >= 1000 && others >= 0.75
/** Of waits within a factor of two of each other. */
const aboutAsLong = (a: Wait, b: Wait): boolean => Math.abs(Math.log(a.waitMs / b.waitMs)) < Math.LN2

/** How likely each wait was a start, judged together, beginning with each by itself, or with those like `seed` as starts. */
function settle(memory: CheckWaits, all: readonly Wait[], fromMs: number, seed?: Wait): Map<Wait, number> {
  for (const each of all) {
    const alone = probabilityFrom(each.others + lengthOdds(checkWaits.empty(), [], each, fromMs))
    const isLike = seed !== undefined && mayBeStart(each) && aboutAsLong(each, seed)
    each.start = isLike ? Math.max(0.95, alone) : alone
  }
  for (let round = 0, change = 1; round < settled.rounds && change > settled.change; round++) {
    change = 0
    for (const each of all) {
      const start = probabilityFrom(each.others + lengthOdds(memory, all, each, fromMs))
      change = Math.max(change, Math.abs(start - each.start))
      each.start = start
    }
  }
  return new Map(all.map((each) => [each, each.start]))
}

/** How well all waits are explained, each as a start or as slow by nature. */
const logLikelihood = (memory: CheckWaits, all: readonly Wait[], fromMs: number): number =>
  all.reduce((sum, own) => {
    const asStart = Math.exp(own.others) * startDensity(memory, all, own)
    return sum + Math.log(asStart + slowDensity(memory, all, own, fromMs))
  }, 0)

function remember(memory: CheckWaits, longestFirst: readonly Wait[]): void {
  const natural = longestFirst.filter(({ start }) => start < 0.5)
  const longest = (shared: boolean) => natural.filter((each) => each.shared === shared).slice(0, most.natural)
  const found = longestFirst.filter(({ start }) => start >= 0.5).sort((a, b) => b.atMs - a.atMs)
  const kept = new Set([...longest(true), ...longest(false), ...found.slice(0, most.starts)])
  memory.forgotten += found.slice(most.starts).filter(teaches).length
  memory.waits = longestFirst.filter((each) => kept.has(each))
}

/**
 * Whether more than its length speaks for a start: only such waits say how often and for how long nodes start. Otherwise single
 * waits of a heavy tail that were taken for starts would make starts of all others.
 */
const teaches = ({ others, waiters }: Wait): boolean => others > 0 || (waiters > 1 && others > -1)

const probabilityFrom = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds))

/** What is open makes no start likelier: the probability beyond one half, from 0 to 1. */
const certain = ({ start }: Wait): number => Math.max(0, 2 * start - 1)

/** The logarithm of how many times as often a node starts for as long as it is slow for as long by nature. */
function lengthOdds(memory: CheckWaits, all: readonly Wait[], own: Wait, fromMs: number): number {
  return Math.log(startDensity(memory, all, own) / slowDensity(memory, all, own, fromMs))
}

/** How many waits of about this length, of as many probes, a node has a day by nature, per unit of the logarithm of the length. */
function slowDensity(memory: CheckWaits, all: readonly Wait[], own: Wait, fromMs: number): number {
  const further = Math.min(own.waiters, mostWaiters) - 2
  const together = further < 0 ? 1 : chanceOfSecond(all, own) * alsoSlow.further ** further
  const alone = naturalDensity(memory, all, own, fromMs, false)
  const several = naturalDensity(memory, all, own, fromMs, true)
  return several + alone * together
}

function chanceOfSecond(all: readonly Wait[], own: Wait): number {
  let count = alsoSlow.weight
  let several = alsoSlow.weight * alsoSlow.chance
  for (const each of all) {
    if (each === own) continue
    count += 1 - each.start
    if (each.waiters > 1) several += 1 - each.start
  }
  return several / count
}

/** How many starts of about this length a node has a day, per unit of the logarithm of the length. */
function startDensity({ forgotten, watchedMs }: CheckWaits, all: readonly Wait[], own: Wait): number {
  let sum = 0
  let density = starts.weight * normal(Math.log(own.waitMs / starts.medianMs), starts.spread)
  for (const each of all) {
    if (each === own || !teaches(each)) continue
    sum += certain(each)
    density += certain(each) * normal(Math.log(own.waitMs / each.waitMs), starts.ownSpread)
  }
  const perDay = ((forgotten + sum + starts.worth) * dayMs) / (watchedMs + starts.worth * dayMs)
  return (perDay * density) / (starts.weight + sum)
}

const normal = (x: number, spread: number): number =>
  Math.exp(-((x / spread) ** 2) / 2) / (spread * Math.sqrt(2 * Math.PI))

/** How many natural waits of about this length a node has a day, per unit of the logarithm of the length; the longest of `all` are first. */
function naturalDensity(
  { watchedMs }: CheckWaits,
  all: readonly Wait[],
  own: Wait,
  leastMs: number,
  several: boolean,
): number {
  const prior = priors[several ? 'several' : 'alone']
  const isAlike = (each: Wait) => (own.shared || !each.shared) && each.waiters > 1 === several
  const others = all.filter((each) => each !== own && isAlike(each) && each.start < 0.9)
  // The upper half shows how the tail ends; the lower is shaped by which waits are looked into.
  const upper = others.length > fewest ? others.slice(0, others.length >> 1) : others
  const fromMs = others.length > fewest ? Math.max(leastMs, upper.at(-1)?.waitMs ?? leastMs) : leastMs
  let sum = 0
  let logs = 0
  for (const { waitMs, start } of upper) {
    sum += 1 - start
    logs += (1 - start) * Math.log(Math.max(1, waitMs / fromMs))
  }
  // Hill's estimate of how fast a tail thins out, with the prior as so many more observations.
  const exponent = (sum + prior.weight) / (logs + prior.weight / prior.exponent)
  const perDay = (count: number) => (count * dayMs) / Math.max(watchedMs, prior.watchedMs)
  const tail = perDay(sum + 1) * exponent * (Math.max(leastMs, own.waitMs) / fromMs) ** -exponent
  const alike = others.reduce(
    (total, { waitMs, start }) => total + (1 - start) * normal(Math.log(own.waitMs / waitMs), alikeSpread),
    0,
  )
  return Math.max(tail, perDay(alike))
}
