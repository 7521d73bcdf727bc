/**
 * A cold start seen from outside: one node's answers take far longer than ever, all that were asked meanwhile come
 * at the same moment, and then everything is as before; the other nodes never noticed.
 *
 *     cold start                         a slow page             a slow network
 *     tick   |=================| ok      |===========| ok        web01 |======| ok
 *     burst      |=============| ok          |= ok               web02 |=======| ok
 *     next                     |= ok             |= ok           web03 |=====| ok
 */
import { isAnswered, isLong, type RecentAnswer } from '../recent_answers.ts'
import type { ObservedRecycle } from './recycles.ts'

/** Answers of one node that took so long that the reason must be found, once what follows them is known. */
export interface SlowSpell {
  /** From the start of the first slow probe to the end of the last slow answer, wall milliseconds. */
  readonly startMs: number
  readonly endMs: number
}

/** What is known about a slow spell when it is judged. */
export interface Facts {
  /** The longest wait for a first byte, in milliseconds. */
  readonly waitMs: number
  /** Start of the first probe that was answered with the one that waited longest, or afterwards. */
  readonly startMs: number
  /** End of the longest wait. */
  readonly endMs: number
  /** The check that waited longest. */
  readonly check: string
  /** Same check, asked after the slow one and answered before it: the node was able to. */
  readonly overtaking: number
  /** Other probes that were asked meanwhile and waited for the same moment. */
  readonly queued: number
  /** Other checks that were slow just then. */
  readonly alsoSlow: number
  /** Answers of the same check to questions asked afterwards; `slowAfter` those that took nearly as long. */
  readonly quickAfter: number
  readonly slowAfter: number
  /** Failures that led up to it. */
  readonly failedBefore: number
  /** Start of the first of these failures. */
  readonly failedFromMs: number
}

/** How far apart answers may come that waited for the same thing, relative to the wait and at least. */
const sameEnd = { share: 0.02, leastMs: 120 }
/** Requests that waited for a new worker are answered within this time: one answered sooner had the old worker. */
const settleMs = 1500
/** What takes less than this share of the slowest wait is over the worst, though not quick yet. */
const asSlow = 1 / 4
/** Failures belong to a slow answer that follows within this time. */
const failureMs = 90_000

/**
 * Gathers what the node's own answers say about a slow spell. `highMs` is what nearly all warm answers keep to:
 * answers to requests that waited for the same moment differ by that much. Undefined when so much has been seen
 * since that the slow answer is forgotten.
 */
export function gather(
  spell: SlowSpell,
  answers: readonly RecentAnswer[],
  highMs: number,
): Facts | undefined {
  const slowest = slowestOf(spell, answers)
  if (slowest === undefined) return undefined
  const { check } = slowest
  const toleranceMs = Math.max(sameEnd.leastMs, slowest.waitMs * sameEnd.share, highMs)
  const own = answers.filter((each) => each.check === check)
  const before = failuresBefore(answers, slowest.startMs)
  return {
    waitMs: slowest.waitMs,
    startMs: firstOfWaiters(spell, slowest, answers),
    endMs: slowest.endMs,
    check,
    overtaking: own.filter(
      (each) =>
        isAnswered(each) && each.startMs > slowest.startMs + 1 && each.endMs < slowest.endMs - toleranceMs,
    ).length,
    queued: answers.filter(
      (each) =>
        each !== slowest && each.manner === 'slow' && Math.abs(each.endMs - slowest.endMs) < toleranceMs,
    ).length,
    alsoSlow: new Set(
      answers
        .filter(({ manner, check: other }) => manner === 'slow' && other !== check)
        .map((each) => each.check),
    ).size,
    quickAfter: own.filter(({ manner, startMs }) => manner === 'quick' && startMs > slowest.endMs - 5).length,
    slowAfter: own.filter(
      (each) =>
        isLong(each) && each.waitMs > asSlow * slowest.waitMs && each.startMs > slowest.endMs + toleranceMs,
    ).length,
    failedBefore: before.length,
    failedFromMs: Math.min(slowest.startMs, ...before.map((each) => each.startMs)),
  }
}

function slowestOf(spell: SlowSpell, answers: readonly RecentAnswer[]): RecentAnswer | undefined {
  return longestOf(
    answers.filter(
      ({ manner, endMs }) => manner === 'slow' && endMs >= spell.startMs && endMs <= spell.endMs + 1000,
    ),
  )
}

/** The answer that was waited for longest; undefined of none. */
export const longestOf = (answers: readonly RecentAnswer[]): RecentAnswer | undefined =>
  answers.reduce<RecentAnswer | undefined>(
    (longest, each) => (longest === undefined || each.waitMs > longest.waitMs ? each : longest),
    undefined,
  )

/** When the first was asked that was answered with the slowest, or after it. */
function firstOfWaiters(spell: SlowSpell, slowest: RecentAnswer, answers: readonly RecentAnswer[]): number {
  const waiters = answers.filter(
    ({ manner, startMs, endMs }) =>
      manner === 'slow' && startMs >= spell.startMs && endMs > slowest.endMs - settleMs,
  )
  return Math.min(slowest.startMs, ...waiters.map(({ startMs }) => startMs))
}

/** The unbroken run of failures, over all checks, that ends where the slow answer begins. */
function failuresBefore(answers: readonly RecentAnswer[], startMs: number): RecentAnswer[] {
  const earlier = answers
    .filter((each) => each.startMs < startMs && each.startMs > startMs - failureMs)
    .sort((a, b) => b.startMs - a.startMs)
  const recovered = earlier.findIndex(isAnswered)
  return recovered === -1 ? earlier : earlier.slice(0, recovered)
}

export interface Circumstances {
  /** The wait, in milliseconds, from which an answer cannot be a warm worker's under this check. */
  readonly coldFromMs: number
  /** Other nodes that were slow at the same time, and that were seen at all. */
  readonly peersSlow: number
  readonly peersSeen: number
  /** When the longest wait of each of those nodes ended, wall milliseconds. */
  readonly peerEndsMs: readonly number[]
  /** Reaching the node took long as well: the network is to blame. */
  readonly networkSlow: boolean
}

/**
 * `cold`: a new worker. `natural`: a warm worker took that long. `unclear`: it may have been either, and nothing is to
 * be learned from it. `elsewhere`: the cause is not on this node.
 */
export type Judgement =
  | { readonly kind: 'cold'; readonly observed: ObservedRecycle }
  | { readonly kind: 'natural' | 'unclear' | 'elsewhere' }

/** Whether others had to wait as well: then the whole process stood still, cold or not. */
export const corroborated = ({ queued, alsoSlow }: Facts): boolean => queued + alsoSlow > 0

/** One that went by may still have been the old worker's, when several others had to wait. */
export const overtaken = ({ overtaking, queued }: Facts): boolean => overtaking > (queued >= 2 ? 1 : 0)

/** What a slow spell was, judged by everything known about it. */
export function judgeSpell(facts: Facts, circumstances: Circumstances): Judgement {
  const { coldFromMs, networkSlow } = circumstances
  const { startMs, endMs, waitMs, failedBefore, failedFromMs, check } = facts
  if (networkSlow || (everyoneSlow(circumstances) && !eachForItself(facts, circumstances)))
    return { kind: 'elsewhere' }
  if (overtaken(facts)) return { kind: 'natural' }
  if (facts.slowAfter > 1 || facts.quickAfter === 0)
    return { kind: waitMs < coldFromMs ? 'natural' : 'unclear' }
  if (failedBefore > 0 && waitMs > coldFromMs / 4)
    return cold({ evidence: 'outage', check, atMs: failedFromMs, untilMs: endMs, confidence: 0.85 })
  if (waitMs < coldFromMs) return { kind: 'natural' }
  const confidence = (corroborated(facts) ? 0.8 : 0.65) + 0.05 * Math.log2(waitMs / coldFromMs)
  return cold({
    evidence: 'cold_start',
    check,
    atMs: startMs,
    untilMs: endMs,
    confidence: Math.min(0.95, confidence),
  })
}

const cold = (observed: ObservedRecycle): Judgement => ({
  kind: 'cold',
  observed: { ...observed, cold: true },
})

const everyoneSlow = ({ peersSlow, peersSeen }: Circumstances): boolean =>
  peersSlow >= 2 || (peersSlow === 1 && peersSeen === 1)

/** Pools that recycle in the same second are warm at different times; what all nodes wait for comes at one time. */
function eachForItself(facts: Facts, { peerEndsMs, coldFromMs }: Circumstances): boolean {
  if (facts.queued === 0 || overtaken(facts) || facts.waitMs < 2 * coldFromMs) return false
  const inStep = peerEndsMs.filter((endMs) => Math.abs(endMs - facts.endMs) < sameEnd.leastMs)
  return inStep.length * 3 < peerEndsMs.length * 2
}
