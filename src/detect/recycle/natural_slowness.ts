/**
 * How slow a check's answers can be by nature, learned from slowness that was no cold start: garbage collection, a
 * heavy tail, a page that sometimes asks the slow database. What is natural must be exceeded clearly.
 */
import { intervalMsOf } from '../../model/farm.ts'
import { dayMs, hourMs, minuteMs } from '../../runtime/duration.ts'
import type { Detector } from '../detector.ts'
import { byCheck, createMemories, wholly } from '../memories.ts'
import { fieldsOf, listOf, number, type Of, time } from '../shape.ts'

/** The longest natural waits remembered, of each kind. */
const remembered = 48
const forgetAfterMs = 30 * dayMs
/** How many cold starts a node and year may be imagined: so many where there are none, and a share of the real ones. */
const mistakes = { perYear: 0.5, share: 0.01 }
/** Shorter pauses do not matter, in milliseconds. */
const leastPauseMs = 150
/** On a slow page, only what is so many times slower than slow is out of the question for a pause. */
const clearlySlow = 4
/** The longest natural pauses but so many show their size: some may have been cold starts that were mistaken. */
const usualRank = 2
const pauseRoom = 1.75
/** A rate of cold starts is believed only when it has been watched for this long, in node time. */
const rateAfterMs = 10 * dayMs
const yearMs = 365 * dayMs
/** Pauses that come less often than this, a node and day, prove little: some of them may have been cold starts. */
const frequentPerDay = 8
/**
 * Before anything is known: tails that thin out with such a power of the wait, known as well as from so many waits
 * in so much time. Pauses of a whole process are rarer, and keep to their size better, than single slow answers.
 */
const priors = {
  alone: { exponent: 4, weight: 4, watchedMs: 10 * minuteMs },
  pauses: { exponent: 3, weight: 4, watchedMs: 4 * hourMs },
} as const

const waits = listOf(fieldsOf({ atMs: time, waitMs: number }))

/** What is known of one check, on all nodes: they all run the same application. */
export const checkSlowness = fieldsOf({
  /** One answer was slow by itself. */
  alone: waits,
  /** Everyone who asked meanwhile had to wait: a pause of the whole process. */
  pauses: waits,
  /** Pauses met so far, the forgotten ones too. */
  paused: number,
  /** Cold starts found so far. */
  found: number,
  /** For how long answers have been watched, added up over the nodes. */
  watchedMs: number,
})

type CheckSlowness = Of<typeof checkSlowness>
type Waits = CheckSlowness['alone']

export type SlownessKind = 'alone' | 'pauses'

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

/** Takes in slowness that was no cold start. The shortest is forgotten first: the extremes are what matters. */
export function learnNatural(
  memory: CheckSlowness,
  kind: SlownessKind,
  { atMs, waitMs }: Waits[number],
): void {
  if (kind === 'pauses') memory.paused++
  const known = memory[kind].filter((each) => atMs - each.atMs < forgetAfterMs)
  known.push({ atMs, waitMs })
  known.sort((a, b) => b.waitMs - a.waitMs)
  memory[kind] = known.slice(0, remembered)
}

/**
 * From how many milliseconds a wait is beyond a warm worker: so long that, going by the longest natural waits so
 * far, hardly any is mistaken for one. `slowMs` is the shortest wait that counts as slow.
 */
export function coldFromMs(memory: CheckSlowness, kind: SlownessKind, slowMs: number): number {
  const known = memory[kind]
  const guessMs = guess(memory, kind, slowMs)
  if (known.length === 0) return guessMs
  // The upper half shows how the tail ends; the lower is shaped by which waits count as slow.
  const upper = known.slice(0, Math.max(6, known.length >> 1))
  const fromMs = upper.length < known.length ? last(upper) : Math.min(slowMs, last(known))
  const estimateMs = exceeds(memory, kind, upper, fromMs)
  if (kind === 'alone') return estimateMs
  return Math.min(estimateMs, Math.max(guessMs, pauseMs(memory, slowMs)))
}

/** Pauses keep to their size: one that is far longer than nearly all before is something else. */
function pauseMs(memory: CheckSlowness, slowMs: number): number {
  const usualMs = pauseRoom * (memory.pauses[usualRank]?.waitMs ?? 0)
  return pausesOften(memory) ? usualMs : Math.min(usualMs, clearlySlow * slowMs)
}

const pausesOften = ({ paused, watchedMs }: CheckSlowness): boolean =>
  paused * dayMs >= frequentPerDay * watchedMs

/**
 * What can be said before anything is known. A pause comes on top of what a page takes: on a slow page it is not as
 * many times as long as on a quick one.
 */
function guess(memory: CheckSlowness, kind: SlownessKind, slowMs: number): number {
  const timesMs = exceeds(memory, kind, [], slowMs)
  if (kind === 'alone') return timesMs
  const onTopMs = slowMs + exceeds(memory, kind, [], leastPauseMs)
  return Math.min(timesMs, Math.max(onTopMs, clearlySlow * slowMs))
}

const last = (waits: Readonly<Waits>): number => (waits.at(-1) as Waits[number]).waitMs

/** What waits longer than `fromMs`, thinning out as these do, hardly ever exceed. */
function exceeds(memory: CheckSlowness, kind: SlownessKind, waits: Readonly<Waits>, fromMs: number): number {
  const prior = priors[kind]
  const logs = waits.reduce((sum, { waitMs }) => sum + Math.log(waitMs / fromMs), 0)
  // Hill's estimate of how fast a tail thins out, with the prior as so many more observations.
  const exponent = (waits.length + prior.weight) / (logs + prior.weight / prior.exponent)
  const expectedPerYear = ((waits.length + 1) * yearMs) / Math.max(memory.watchedMs, prior.watchedMs)
  const foundPerYear = (memory.found * yearMs) / Math.max(memory.watchedMs, rateAfterMs)
  const acceptable = mistakes.perYear + (kind === 'alone' ? mistakes.share * foundPerYear : 0)
  return fromMs * Math.max(1, expectedPerYear / acceptable) ** (1 / exponent)
}
