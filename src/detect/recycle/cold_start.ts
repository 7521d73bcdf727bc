/**
 * A cold start seen from outside: one node's answers take far longer than ever, all that were asked meanwhile come
 * at the same moment, and then everything is as before; the other nodes never noticed.
 *
 *     cold start                         a slow page             a slow network
 *     tick   |=================| ok      |===========| ok        web01 |======| ok
 *     burst      |=============| ok          |= ok               web02 |=======| ok
 *     next                     |= ok             |= ok           web03 |=====| ok
 */
import type { Sighting } from '../recent_answers.ts'
import type { Sign } from './recycle.ts'

/** An answer that took so long that the reason must be found, once what follows it is known. */
export interface Suspicion {
  /** From the start of the first slow probe to the end of the first slow answer, wall milliseconds. */
  readonly startMs: number
  readonly endMs: number
  readonly check: string
  /** When to judge it. */
  readonly judgeAtMs: number
  /** When to judge it at the latest, whatever is still missing. */
  readonly deadlineMs: number
}

/** What is known about one suspicion when it is judged. */
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
/** Those who waited for a new worker are answered within this time: who was answered sooner had the old one. */
const settleMs = 1500
/** What takes less than this share of the slowest wait is over the worst, though not quick yet. */
const asSlow = 1 / 4
/** Failures belong to a slow answer that follows within this time. */
const failureMs = 90_000

/**
 * Gathers what the node's own sightings say about a suspicion. `highMs` is what nearly all warm answers keep to:
 * by so much differ the answers of requests that waited for the same moment. Undefined when so much has been seen
 * since that the slow answer is forgotten.
 */
export function gather(
  suspicion: Suspicion,
  sightings: readonly Sighting[],
  highMs: number,
): Facts | undefined {
  const slowest = slowestOf(suspicion, sightings)
  if (slowest === undefined) return undefined
  const { check } = slowest
  const toleranceMs = Math.max(sameEnd.leastMs, slowest.waitMs * sameEnd.share, highMs)
  const own = sightings.filter((each) => each.check === check)
  const before = failuresBefore(sightings, slowest.startMs)
  return {
    waitMs: slowest.waitMs,
    startMs: firstOfWaiters(suspicion, slowest, sightings),
    endMs: slowest.endMs,
    check,
    overtaking: own.filter(
      (each) =>
        answered(each) && each.startMs > slowest.startMs + 1 && each.endMs < slowest.endMs - toleranceMs,
    ).length,
    queued: sightings.filter(
      (each) =>
        each !== slowest && each.manner === 'slow' && Math.abs(each.endMs - slowest.endMs) < toleranceMs,
    ).length,
    alsoSlow: new Set(
      sightings
        .filter(({ manner, check: other }) => manner === 'slow' && other !== check)
        .map((each) => each.check),
    ).size,
    quickAfter: own.filter(({ manner, startMs }) => manner === 'quick' && startMs > slowest.endMs - 5).length,
    slowAfter: own.filter(
      ({ manner, startMs, waitMs }) =>
        (manner === 'slow' || manner === 'hung') &&
        waitMs > asSlow * slowest.waitMs &&
        startMs > slowest.endMs + toleranceMs,
    ).length,
    failedBefore: before.length,
    failedFromMs: Math.min(slowest.startMs, ...before.map((each) => each.startMs)),
  }
}

const answered = ({ manner }: Sighting): boolean => manner === 'slow' || manner === 'quick'

function slowestOf(suspicion: Suspicion, sightings: readonly Sighting[]): Sighting | undefined {
  let slowest: Sighting | undefined
  for (const each of sightings) {
    if (each.manner !== 'slow') continue
    if (each.endMs < suspicion.startMs || each.endMs > suspicion.endMs + 1000) continue
    if (slowest === undefined || each.waitMs > slowest.waitMs) slowest = each
  }
  return slowest
}

/** When the first was asked that was answered with the slowest, or after it. */
function firstOfWaiters(suspicion: Suspicion, slowest: Sighting, sightings: readonly Sighting[]): number {
  const waiters = sightings.filter(
    ({ manner, startMs, endMs }) =>
      manner === 'slow' && startMs >= suspicion.startMs && endMs > slowest.endMs - settleMs,
  )
  return Math.min(slowest.startMs, ...waiters.map(({ startMs }) => startMs))
}

/** The unbroken run of failures, over all checks, that ends where the slow answer begins. */
function failuresBefore(sightings: readonly Sighting[], startMs: number): Sighting[] {
  const earlier = sightings
    .filter((each) => each.startMs < startMs && each.startMs > startMs - failureMs)
    .sort((a, b) => b.startMs - a.startMs)
  const recovered = earlier.findIndex(({ manner }) => manner === 'quick' || manner === 'slow')
  const run = recovered === -1 ? earlier : earlier.slice(0, recovered)
  return run.filter(({ manner }) => manner === 'failed' || manner === 'hung')
}

export interface Circumstances {
  /** From how many milliseconds a wait is out of the question for a warm worker under this check. */
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
  | { readonly kind: 'cold'; readonly sign: Sign }
  | { readonly kind: 'natural' | 'unclear' | 'elsewhere' }

/** Whether others had to wait as well: then the whole process stood still, cold or not. */
export const corroborated = ({ queued, alsoSlow }: Facts): boolean => queued + alsoSlow > 0

/** One that went by may still have been the old worker's, when several others had to wait. */
export const overtaken = ({ overtaking, queued }: Facts): boolean => overtaking > (queued >= 2 ? 1 : 0)

/** What a slow answer was, judged by everything known about it. */
export function judgeColdStart(facts: Facts, circumstances: Circumstances): Judgement {
  const { coldFromMs, networkSlow } = circumstances
  const { startMs, endMs, waitMs, failedBefore, failedFromMs, check: coldCheck } = facts
  if (networkSlow || (everyoneSlow(circumstances) && !eachForItself(facts, circumstances)))
    return { kind: 'elsewhere' }
  if (overtaken(facts)) return { kind: 'natural' }
  if (facts.slowAfter > 1 || facts.quickAfter === 0)
    return { kind: waitMs < coldFromMs ? 'natural' : 'unclear' }
  if (failedBefore > 0 && waitMs > coldFromMs / 4)
    return cold({ evidence: 'outage', coldCheck, atMs: failedFromMs, untilMs: endMs, confidence: 0.85 })
  if (waitMs < coldFromMs) return { kind: 'natural' }
  const confidence = (corroborated(facts) ? 0.8 : 0.65) + 0.05 * Math.log2(waitMs / coldFromMs)
  return cold({
    evidence: 'cold_start',
    coldCheck,
    atMs: startMs,
    untilMs: endMs,
    confidence: Math.min(0.95, confidence),
  })
}

const cold = (sign: Sign): Judgement => ({ kind: 'cold', sign })

const everyoneSlow = ({ peersSlow, peersSeen }: Circumstances): boolean =>
  peersSlow >= 2 || (peersSlow === 1 && peersSeen === 1)

/** Pools that recycle in the same second are warm at different times; what all nodes wait for comes at one time. */
function eachForItself(facts: Facts, { peerEndsMs, coldFromMs }: Circumstances): boolean {
  if (facts.queued === 0 || overtaken(facts) || facts.waitMs < 2 * coldFromMs) return false
  const inStep = peerEndsMs.filter((endMs) => Math.abs(endMs - facts.endMs) < sameEnd.leastMs)
  return inStep.length * 3 < peerEndsMs.length * 2
}
