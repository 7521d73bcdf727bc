/**
 * Who made the balancer fail: each of its errors is held against what every node was seen to do at that time. A
 * node is only blamed for what was seen, and the balancer only when every node was seen to be fine.
 */
import type { Cause } from '../../model/event.ts'
import type { Proof } from '../../model/outcome.ts'
import { endedMs, type Outcome } from '../../model/outcome.ts'
import type { Sighting } from '../recent_answers.ts'
import type { ToldRecycle } from '../recycle/recycle.ts'

/** Clocks of probes of one slot differ by little; a node asked this long before the error still speaks for it. */
const sameTimeMs = 150
/** A gap between two good answers of a node in which it cannot have been down for long enough to matter. */
const shortGapMs = 1500
/** How long around a recycle a balancer's error is the recycle's, in milliseconds. */
const recycleBeforeMs = 4000
const recycleAfterMs = 15_000
/** A latency from which the balancer was waiting for somebody. */
const waitedMs = 900

/** What was seen of a node around an error. */
export interface NodeView {
  readonly name: string
  readonly sightings: readonly Sighting[]
  readonly recycles: readonly ToldRecycle[]
}

export interface Blame {
  /** A node's name, `balancer` or `unknown`. */
  readonly node: string
  readonly cause: Cause
}

export interface Question {
  readonly error: Outcome
  /** Milliseconds that this balancer is known to wait for a node, when that has shown. */
  readonly proxyTimeoutMs: number | undefined
  /** The node that the answer itself names, by header, cookie or the token of a known worker. */
  readonly named: string | undefined
  /** Errors of the balancer in the same run of failures so far, this one included. */
  readonly runLength: number
}

/** Whether an outcome is an error that a balancer makes, or passes on, in a node's place. */
export function isBalancerError(outcome: Outcome, proof: Proof): boolean {
  if (outcome.role !== 'balancer' || proof !== 'failure') return false
  const { status, reason } = outcome
  if (status === 502 || status === 503 || status === 504) return true
  return status === 0 && (reason === 'reset' || reason === 'closed' || reason === 'first_byte_timeout')
}

/** When a question can be answered first, and at last, in wall milliseconds. */
export function evidenceTimes(error: Outcome, timeoutMs: number): { firstMs: number; lastMs: number } {
  const endMs = endedMs(error)
  return { firstMs: endMs + 1500, lastMs: Math.max(endMs, error.startedMs + timeoutMs) + 10_000 }
}

/** Who is to blame; undefined while better evidence may come, which at last (`final`) it may not. */
export function blame(question: Question, nodes: readonly NodeView[], final: boolean): Blame | undefined {
  const findings = nodes.map((node) => examine(question, node))
  const named = findings.find(({ node }) => node.name === question.named)
  if (named !== undefined) return blameNamed(named, final)
  const guilty = mostGuilty(findings)
  // Who has not been heard of may keep others waiting as well: his answers come later.
  const isUnheard = findings.some(({ verdict }) => verdict === 'unseen')
  if (guilty.length === 1 && isUnheard && !final) return undefined
  if (guilty.length === 1) return settle(guilty[0] as Finding, question, final)
  if (guilty.length > 1) return final ? unknown : undefined
  const suspects = findings.filter(({ verdict }) => verdict === 'answering')
  const others = findings.filter(({ verdict }) => verdict !== 'fine' && verdict !== 'answering')
  if (suspects.length === 1 && others.length === 0) return settle(suspects[0] as Finding, question, final)
  const cleared = findings.length > 0 && findings.every(({ verdict }) => verdict === 'fine')
  if (cleared && surelyBalancer(findings, question)) return { node: 'balancer', cause: 'balancer' }
  return final ? unknown : undefined
}

const unknown: Blame = { node: 'unknown', cause: 'unknown' }

interface Finding {
  readonly node: NodeView
  /**
   * `stuck`: it kept everyone waiting just then. `down`: it failed. `recycled`: it had a new worker about then.
   * `answering`: it had, and yet answered others at once while the balancer waited: guilty only if it has a warm
   * worker beside the cold one (a web garden), so only when every other node is cleared.
   * `fine`: it answered at once, at the same time. `unseen`: nothing is known.
   */
  readonly verdict: 'stuck' | 'down' | 'recycled' | 'answering' | 'fine' | 'unseen'
  readonly recycle: ToldRecycle | undefined
  /** Length of the time around the error that no good answer speaks for, in milliseconds. */
  readonly gapMs: number
  /** How it failed about then. */
  readonly failure: Sighting | undefined
}

function examine(question: Question, node: NodeView): Finding {
  const { error } = question
  const startMs = error.startedMs
  const endMs = endedMs(error)
  const { sightings } = node
  const stuck = waited(question) ? whileStuck(sightings, startMs, endMs) : undefined
  const recycle = node.recycles.find(
    ({ atMs, lastMs }) => atMs - recycleBeforeMs <= endMs && startMs <= lastMs + recycleAfterMs,
  )
  const failure = failureAround(question, sightings)
  const found = { node, recycle, gapMs: gapAround(sightings, startMs), failure }
  const isQuick = isFine(question, sightings)
  if (stuck !== undefined && !isOvertaken(stuck, sightings, endMs)) return { ...found, verdict: 'stuck' }
  if (failure !== undefined) return { ...found, verdict: 'down' }
  if (recycle !== undefined)
    return { ...found, verdict: waited(question) && isQuick ? 'answering' : 'recycled' }
  return { ...found, verdict: isQuick ? 'fine' : 'unseen' }
}

const latencyMs = (error: Outcome): number => error.firstByteMs ?? error.totalMs

function waited({ error, proxyTimeoutMs }: Question): boolean {
  const ms = latencyMs(error)
  return (
    ms > waitedMs || (proxyTimeoutMs !== undefined && Math.abs(ms - proxyTimeoutMs) < 0.05 * proxyTimeoutMs)
  )
}

/** An answer that was owed throughout the time that the balancer waited. */
const whileStuck = (sightings: readonly Sighting[], fromMs: number, toMs: number): Sighting | undefined =>
  sightings.find(
    ({ manner, startMs, endMs }) =>
      (manner === 'slow' || manner === 'hung') &&
      startMs < toMs - sameTimeMs &&
      endMs > toMs - sameTimeMs &&
      endMs > fromMs,
  )

/** Others who asked later had their answers while the balancer waited: pages are slow at times, one by one. */
const isOvertaken = (slow: Sighting, sightings: readonly Sighting[], toMs: number): boolean =>
  sightings.some(
    ({ manner, startMs, endMs }) =>
      manner === 'quick' && startMs > slow.startMs && endMs < Math.min(toMs, slow.endMs),
  )

/**
 * The nearest sighting before or after, or one at the same time, that is a failure. One that fails at once keeps no
 * balancer waiting.
 */
function failureAround(question: Question, sightings: readonly Sighting[]): Sighting | undefined {
  const fromMs = question.error.startedMs - shortGapMs
  const toMs = endedMs(question.error) + shortGapMs
  const leastMs = waited(question) ? waitedMs : 0
  return sightings.find(
    ({ manner, startMs, endMs }) =>
      (manner === 'failed' || manner === 'hung') &&
      startMs < toMs &&
      endMs > fromMs &&
      endMs - startMs >= leastMs,
  )
}

function isFine(question: Question, sightings: readonly Sighting[]): boolean {
  const { error } = question
  const { startedMs } = error
  if (waited(question))
    return sightings.some(
      ({ manner, startMs }) =>
        manner === 'quick' && startMs > startedMs - sameTimeMs && startMs < endedMs(error),
    )
  return gapAround(sightings, startedMs) < Number.POSITIVE_INFINITY
}

/** From the start of the last good answer before a moment to that of the first one after it; infinite without both. */
function gapAround(sightings: readonly Sighting[], atMs: number): number {
  let beforeMs = Number.NEGATIVE_INFINITY
  let afterMs = Number.POSITIVE_INFINITY
  for (const { manner, startMs } of sightings) {
    if (manner !== 'quick' && manner !== 'slow') continue
    if (startMs <= atMs && startMs > beforeMs) beforeMs = startMs
    if (startMs >= atMs && startMs < afterMs) afterMs = startMs
  }
  return afterMs - beforeMs
}

function mostGuilty(findings: readonly Finding[]): Finding[] {
  for (const verdict of ['stuck', 'down', 'recycled'] as const) {
    const guilty = findings.filter((finding) => finding.verdict === verdict)
    if (guilty.length > 0) return guilty
  }
  return []
}

function settle(finding: Finding, question: Question, final: boolean): Blame | undefined {
  const cause = causeOf(finding)
  if (!final && mayProveRecycle(finding, cause)) return undefined
  if ((finding.verdict === 'recycled' || finding.verdict === 'answering') && waited(question))
    return { node: finding.node.name, cause: 'cold_start' }
  return { node: finding.node.name, cause }
}

function blameNamed(finding: Finding, final: boolean): Blame | undefined {
  const known = finding.verdict !== 'fine' && finding.verdict !== 'unseen'
  const cause = causeOf(finding)
  if (!final && (!known || mayProveRecycle(finding, cause))) return undefined
  return { node: finding.node.name, cause: known ? cause : 'unknown' }
}

/**
 * That a slow node was cold is known only when it has been warm again for a moment; that one whose IIS answers 502 by
 * itself was recycling, because the application behind its module went away, only when the new worker shows itself.
 */
const mayProveRecycle = ({ failure }: Finding, cause: Cause): boolean =>
  cause === 'timeout' || (cause === 'node_down' && failure?.outcome?.status === 502)

function causeOf({ verdict, recycle }: Finding): Cause {
  if (verdict === 'stuck') return recycle === undefined ? 'timeout' : 'cold_start'
  return recycle === undefined ? 'node_down' : 'recycle'
}

function surelyBalancer(findings: readonly Finding[], { error, runLength }: Question): boolean {
  if (runLength >= 3) return true
  // A balancer that waited was waiting for a node, most likely: who, if all were fine, is not known.
  if (latencyMs(error) > waitedMs) return false
  return findings.every(({ gapMs }) => gapMs <= shortGapMs)
}
