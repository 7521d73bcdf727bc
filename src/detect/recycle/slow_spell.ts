/**
 * A cold start seen from outside: one node's answers take far longer than ever, all that were asked for meanwhile come
 * at the same moment, and the next ones are quick again; the other nodes stay quick.
 *
 *     cold start                         a slow page             a slow network
 *     tick   |=================| ok      |===========| ok        web01 |======| ok
 *     burst      |=============| ok          |= ok               web02 |=======| ok
 *     next                     |= ok             |= ok           web03 |=====| ok
 */
import { greatest, least } from '../../runtime/extremes.ts'
import { isAnswered, isLong, type RecentAnswer } from '../recent_answers.ts'
import type { ObservedRecycle } from './recycles.ts'

/** Answers of one node that took so long that the reason must be found, once what follows them is known. */
export interface SlowSpell {
  /** From the start of the first slow probe to the end of the last slow answer, wall milliseconds. */
  readonly startMs: number
  readonly endMs: number
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
export function gather(spell: SlowSpell, answers: readonly RecentAnswer[], highMs: number) {
  const slow = answers.filter(({ manner }) => manner === 'slow')
  const longest = longestOf(
    slow.filter((each) => each.endMs >= spell.startMs && each.endMs <= spell.endMs + 1000),
  )
  if (longest === undefined) return undefined
  const { check, startMs, endMs, waitMs } = longest
  const toleranceMs = Math.max(sameEnd.leastMs, waitMs * sameEnd.share, highMs)
  const own = answers.filter((each) => each.check === check)
  const waiters = slow.filter((each) => each.startMs >= spell.startMs && each.endMs > endMs - settleMs)
  const failures = failuresBefore(answers, startMs)
  return {
    /** The check that was waited for longest, how long that took to the first byte, and when it ended. */
    check,
    waitMs,
    endMs,
    /** Start of the first probe that was answered with the one that waited longest, or afterwards. */
    startMs: Math.min(startMs, least(waiters.map((each) => each.startMs))),
    /** Same check, asked after the slow one and answered before it: the node was able to. */
    overtaking: own.filter(
      (each) => isAnswered(each) && each.startMs > startMs + 1 && each.endMs < endMs - toleranceMs,
    ).length,
    /** Other probes that were asked meanwhile and waited for the same moment. */
    queued: slow.filter((each) => each !== longest && Math.abs(each.endMs - endMs) < toleranceMs).length,
    /** Other checks that were slow just then. */
    alsoSlow: new Set(slow.map((each) => each.check)).size - 1,
    /** Answers of the same check to questions asked afterwards; `slowAfter` those that took nearly as long. */
    quickAfter: own.filter((each) => each.manner === 'quick' && each.startMs > endMs - 5).length,
    slowAfter: own.filter(
      (each) => isLong(each) && each.waitMs > asSlow * waitMs && each.startMs > endMs + toleranceMs,
    ).length,
    /** Failures that led up to it, and when the first of them started. */
    failedBefore: failures.length,
    failedFromMs: Math.min(startMs, least(failures.map((each) => each.startMs))),
  }
}

/** What is known about a slow spell when it is judged. */
export type Facts = NonNullable<ReturnType<typeof gather>>

/** The answer that was waited for longest; undefined of none. */
export const longestOf = (answers: readonly RecentAnswer[]): RecentAnswer | undefined =>
  answers.reduce<RecentAnswer | undefined>(
    (longest, each) => (longest === undefined || each.waitMs > longest.waitMs ? each : longest),
    undefined,
  )

/** The unbroken run of failures, over all checks, that ends where the slow answer begins. */
function failuresBefore(answers: readonly RecentAnswer[], startMs: number): RecentAnswer[] {
  const earlier = answers.filter((each) => each.startMs < startMs && each.startMs > startMs - failureMs)
  const lastOkMs = greatest(earlier.filter(isAnswered).map((each) => each.startMs))
  return earlier.filter((each) => each.startMs > lastOkMs)
}

interface Circumstances {
  /** The wait, in milliseconds, from which an answer cannot be a warm worker's under this check. */
  readonly coldFromMs: number
  /** Reaching the node took long as well: the network is to blame. */
  readonly networkSlow: boolean
  /** Other nodes that were seen at the same time. */
  readonly peersSeen: number
  /** When the longest wait of each of them that was slow as well ended, wall milliseconds. */
  readonly peerEndsMs: readonly number[]
}

/**
 * `cold`: a new worker. `natural`: a warm worker took that long. `unclear`: it may have been either, and nothing is to
 * be learned from it. `elsewhere`: the cause is not on this node.
 */
type Judgement =
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
  const sure = (corroborated(facts) ? 0.8 : 0.65) + 0.05 * Math.log2(waitMs / coldFromMs)
  return cold({
    evidence: 'cold_start',
    check,
    atMs: startMs,
    untilMs: endMs,
    confidence: Math.min(0.95, sure),
  })
}

const cold = (observed: ObservedRecycle): Judgement => ({
  kind: 'cold',
  observed: { ...observed, cold: true },
})

const everyoneSlow = ({ peerEndsMs, peersSeen }: Circumstances): boolean =>
  peerEndsMs.length >= Math.min(2, Math.max(1, peersSeen))

/** Pools that recycle in the same second are warm at different times; what all nodes wait for comes at one time. */
function eachForItself(facts: Facts, { peerEndsMs, coldFromMs }: Circumstances): boolean {
  if (facts.queued === 0 || overtaken(facts) || facts.waitMs < 2 * coldFromMs) return false
  const inStep = peerEndsMs.filter((endMs) => Math.abs(endMs - facts.endMs) < sameEnd.leastMs)
  return inStep.length * 3 < peerEndsMs.length * 2
}
