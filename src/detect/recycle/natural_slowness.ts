/**
 * How often a node is slow for a time without a new worker: garbage collection, a busy worker, a heavy tail, a page that
 * sometimes asks the slow database. Learned per check, on all nodes, since they run the same application.
 */
import { intervalMsOf } from '../../model/farm.ts'
import { dayMs, hourMs, minuteMs } from '../../runtime/duration.ts'
import type { Detector } from '../detector.ts'
import { byCheck, createMemories, wholly } from '../memories.ts'
import { fieldsOf, listOf, number, type Of, time } from '../shape.ts'

/** The longest waits remembered, of each kind. */
const remembered = 48
const forgetAfterMs = 30 * dayMs
/**
 * Before anything is known: tails that thin out with such a power of the wait, known as well as from so many waits
 * in so much time. Pauses of a whole process are rarer than single slow answers.
 */
const priors = {
  alone: { exponent: 4, weight: 4, watchedMs: 10 * minuteMs },
  pauses: { exponent: 3, weight: 4, watchedMs: 4 * hourMs },
} as const

const waits = listOf(fieldsOf({ atMs: time, waitMs: number }))

/** What is known of one check, on all nodes. */
export const checkSlowness = fieldsOf({
  /** One probe had to wait. */
  alone: waits,
  /** Everyone who asked meanwhile had to wait: a pause of the whole process. */
  pauses: waits,
  /** Cold starts found so far that were nearly certain. */
  found: number,
  /** For how long answers have been watched, added up over the nodes. */
  watchedMs: number,
})

type CheckSlowness = Of<typeof checkSlowness>
type Waits = CheckSlowness['alone']

export type SlownessKind = keyof typeof priors

export interface NaturalSlowness extends Detector {
  get(check: string): CheckSlowness | undefined
}

export function createNaturalSlowness(): NaturalSlowness {
  const checks = createMemories(byCheck, wholly(checkSlowness))
  return {
    ...checks,
    observe({ outcome: { lane, role }, series }) {
      const known = lane === 'tick' && role === 'node' ? checks.get(series.check.name) : undefined
      if (known !== undefined) known.watchedMs += intervalMsOf(series.check) ?? 0
    },
  }
}

/** Takes in a wait that was no cold start. The shortest is forgotten first: the extremes are what matters. */
export function learnNatural(
  memory: CheckSlowness,
  kind: SlownessKind,
  { atMs, waitMs }: Waits[number],
): void {
  const known = memory[kind].filter((each) => atMs - each.atMs < forgetAfterMs)
  known.push({ atMs, waitMs })
  known.sort((a, b) => b.waitMs - a.waitMs)
  memory[kind] = known.slice(0, remembered)
}

/**
 * Cold starts take 3 s in the median, two thirds of them within a factor of 3.3, as on recorded farms. Before any is found
 * a node has one a day, which weighs as much as so many that were found.
 */
const cold = { medianMs: 3000, spread: 1.2, worth: 0.3 }

/** The chance that another probe, asked during a slow answer, is slow as well by itself. */
const alsoSlow = 0.03
const mostWaiters = 5

/**
 * The logarithm of how many times as often a node has a cold start of this length as it is slow for as long by nature,
 * when so many probes had to wait. `fromMs` is the shortest wait that is learned.
 */
export function coldLogOdds(
  memory: CheckSlowness,
  { waitMs, waiters }: { readonly waitMs: number; readonly waiters: number },
  fromMs: number,
): number {
  const coldPerDay = ((memory.found + cold.worth) * dayMs) / (memory.watchedMs + cold.worth * dayMs)
  const z = Math.log(waitMs / cold.medianMs) / cold.spread
  const coldDensity = (coldPerDay * Math.exp(-(z ** 2) / 2)) / (cold.spread * Math.sqrt(2 * Math.PI))
  const together = alsoSlow ** (Math.min(waiters, mostWaiters) - 1)
  const naturalDensity =
    density(memory, 'pauses', waitMs, fromMs) + density(memory, 'alone', waitMs, fromMs) * together
  return Math.log(coldDensity / naturalDensity)
}

/** How many natural waits of a kind there are a day and node about as long, per unit of the logarithm of the length. */
function density(memory: CheckSlowness, kind: SlownessKind, waitMs: number, leastMs: number): number {
  const prior = priors[kind]
  const known = memory[kind]
  // The upper half shows how the tail ends; the lower is shaped by which waits are looked into.
  const upper = known.slice(0, Math.max(6, known.length >> 1))
  const fromMs = Math.max(leastMs, upper.at(-1)?.waitMs ?? leastMs)
  const logs = upper.reduce((sum, each) => sum + Math.log(Math.max(1, each.waitMs / fromMs)), 0)
  // Hill's estimate of how fast a tail thins out, with the prior as so many more observations.
  const exponent = (upper.length + prior.weight) / (logs + prior.weight / prior.exponent)
  const perDay = ((upper.length + 1) * dayMs) / Math.max(memory.watchedMs, prior.watchedMs)
  return perDay * exponent * Math.max(1, waitMs / fromMs) ** -exponent
}
