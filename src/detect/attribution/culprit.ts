/**
 * Who made the balancer fail: each of its errors is held against what every node was seen to do at that time. A
 * node is only blamed for what was seen, and the balancer only when every node was seen to be fine.
 */

import type { Cause } from '../../model/incident.ts'
import { endedMs, type Outcome, type Proof } from '../../model/outcome.ts'
import { greatest, least } from '../../runtime/extremes.ts'
import { isAnswered, isLong, type RecentAnswer } from '../recent_answers.ts'
import type { KnownRecycle } from '../recycle/recycles.ts'
import { isOverloaded } from './overload.ts'

/** Probes of one slot do not start in the same millisecond: one sent this long before still counts as the same time. */
const sameTimeMs = 150
/** A gap between two good answers of a node in which it cannot have been down for long enough to matter. */
const shortGapMs = 1500
/** So long before and after a recycle a balancer's error is the recycle's, in milliseconds. */
const aroundRecycleMs = 8000
/** A balancer that took this long was waiting for a node. */
const waitedMs = 900

/** What was seen of a node around an error. */
export interface NodeView {
  readonly name: string
  readonly answers: readonly RecentAnswer[]
  readonly recycles: readonly KnownRecycle[]
}

export interface Blame {
  /** A node's name, `balancer` or `unknown`. */
  readonly node: string
  readonly cause: Cause
  /** Where `node` is unknown: it is one of these, each of which explains the error. */
  readonly suspects?: readonly string[]
  /** Every node was seen to be fine, or the one that the answer names. */
  readonly cleared?: true
}

/** When a probe at the balancer was sent, and how long it waited. */
export type Waited = Pick<Outcome, 'startedMs' | 'totalMs'> & { readonly firstByteMs?: number | undefined }

export interface Question {
  readonly error: Waited
  /** The node that the answer itself names, by header, cookie or the token of a known worker. */
  readonly named: string | undefined
  /** Errors of the balancer in the same run of failures so far, this one included. */
  readonly runLength: number
  /** If no node is to blame, a connection is that the node had closed. */
  readonly isStale: boolean
  /** The node that the balancer did not reach at that time, though it answered by itself; `open`: that may turn out yet. */
  readonly link: { readonly node: string } | 'open' | undefined
}

/** Whether an outcome is an error that a balancer makes, or passes on, in place of a node's answer. */
export function isBalancerError(outcome: Outcome, proof: Proof): boolean {
  if (outcome.role === 'node' || proof !== 'failure') return false
  const { status, reason } = outcome
  if (status === 502 || status === 503 || status === 504) return true
  return status === 0 && (reason === 'reset' || reason === 'closed' || reason === 'first_byte_timeout')
}

/** Who is to blame; undefined while better evidence may come, which at last (`final`) it may not. */
export function blame(question: Question, nodes: readonly NodeView[], final: boolean): Blame | undefined {
  const findings = nodes.map((node) => examine(question, node))
  const named = findings.find(({ node }) => node.name === question.named)
  if (named !== undefined) return blameNamed(named, question, final)
  const ofState = (state: Finding['state']) => findings.filter((finding) => finding.state === state)
  const culprits =
    [ofState('stuck'), ofState('down'), ofState('recycled')].find((some) => some.length > 0) ?? []
  // Nodes without an answer yet may still be the cause: wait for them.
  const isUnseen = ofState('unseen').length > 0
  const suspects = culprits.length > 0 || isUnseen ? culprits : ofState('answering')
  const [suspect] = suspects
  if (suspects.length === 1 && suspect !== undefined && (final || !isUnseen))
    return settle(suspect, question, final)
  const cleared = findings.length > 0 && findings.every(({ state }) => state === 'fine')
  if (cleared && question.link === 'open' && !final) return undefined
  if (cleared && typeof question.link === 'object')
    return { node: question.link.node, cause: 'link', cleared }
  if (cleared && surelyBalancer(findings, question))
    return { node: 'balancer', cause: question.isStale ? 'stale_connection' : 'balancer', cleared }
  return final ? oneOf(culprits, question) : undefined
}

/** An error that several nodes explain, or none. */
function oneOf(culprits: readonly Finding[], question: Question): Blame {
  const [cause = 'unknown', ...others] = new Set(culprits.map((each) => causeOf(each, question)))
  return {
    node: 'unknown',
    cause: others.length === 0 ? cause : 'unknown',
    ...(culprits.length > 1 && { suspects: culprits.map(({ node }) => node.name) }),
  }
}

interface Finding {
  readonly node: NodeView
  /**
   * `stuck`: every request waited just then. `down`: it failed. `recycled`: it had a new worker about then.
   * `answering`: it had, and yet answered others at once while the balancer waited: guilty only if it has a warm
   * worker beside the cold one (a web garden), so only when every other node is cleared.
   * `fine`: it answered at once, at the same time. `unseen`: nothing is known.
   */
  readonly state: 'stuck' | 'down' | 'recycled' | 'answering' | 'fine' | 'unseen'
  readonly recycle: KnownRecycle | undefined
  /** Time around the error without a good answer of this node, in milliseconds. */
  readonly gapMs: number
  /** How it failed about then. */
  readonly failure: RecentAnswer | undefined
}

function examine({ error }: Question, node: NodeView): Finding {
  const { answers } = node
  const { startedMs } = error
  const endMs = endedMs(error)
  const recycle = recycleDuring(node.recycles, startedMs, endMs)
  const failure = failureAround(error, answers)
  const found = { node, recycle, gapMs: gapAround(answers, startedMs), failure }
  const isQuick = isFine(error, answers)
  if (waited(error) && wasStuck(answers, endMs)) return { ...found, state: 'stuck' }
  if (failure !== undefined) return { ...found, state: 'down' }
  if (recycle !== undefined) return { ...found, state: waited(error) && isQuick ? 'answering' : 'recycled' }
  return { ...found, state: isQuick ? 'fine' : 'unseen' }
}

/** A recycle that explains what happened from one moment to another. */
export const recycleDuring = (
  recycles: readonly KnownRecycle[],
  fromMs: number,
  toMs: number,
): KnownRecycle | undefined =>
  recycles.find(({ atMs, lastMs }) => atMs - aroundRecycleMs <= toMs && fromMs <= lastMs + aroundRecycleMs)

export const latencyMs = (error: Waited): number => error.firstByteMs ?? error.totalMs

const waited = (error: Waited): boolean => latencyMs(error) > waitedMs

/**
 * An answer was still owed when the balancer had waited long enough, and what was asked later was not answered before: single
 * pages are slow at times.
 */
const wasStuck = (answers: readonly RecentAnswer[], toMs: number): boolean =>
  answers.some(
    (slow) =>
      isLong(slow) &&
      slow.startMs < toMs - sameTimeMs &&
      slow.endMs > toMs - sameTimeMs &&
      !answers.some(
        ({ manner, startMs, endMs }) =>
          manner === 'quick' && startMs > slow.startMs && endMs < Math.min(toMs, slow.endMs),
      ),
  )

/** A failure just before, after or at the same time. One that comes at once keeps no balancer waiting. */
function failureAround(error: Waited, answers: readonly RecentAnswer[]): RecentAnswer | undefined {
  const fromMs = error.startedMs - shortGapMs
  const toMs = endedMs(error) + shortGapMs
  const leastMs = waited(error) ? waitedMs : 0
  return answers.find(
    (each) =>
      !isAnswered(each) && each.startMs < toMs && each.endMs > fromMs && each.endMs - each.startMs >= leastMs,
  )
}

function isFine(error: Waited, answers: readonly RecentAnswer[]): boolean {
  if (!waited(error)) return gapAround(answers, error.startedMs) < Number.POSITIVE_INFINITY
  return answers.some(
    ({ manner, startMs }) =>
      manner === 'quick' && startMs > error.startedMs - sameTimeMs && startMs < endedMs(error),
  )
}

/** From the start of the last good answer before a moment to that of the first one after it; infinite without both. */
function gapAround(answers: readonly RecentAnswer[], atMs: number): number {
  const startsMs = answers.filter(isAnswered).map(({ startMs }) => startMs)
  const afterMs = least(startsMs.filter((ms) => ms >= atMs))
  return afterMs - greatest(startsMs.filter((ms) => ms <= atMs))
}

function settle(finding: Finding, question: Question, final: boolean): Blame | undefined {
  const cause = causeOf(finding, question)
  if (!final && mayProveRecycle(finding, cause, question)) return undefined
  return { node: finding.node.name, cause }
}

function blameNamed(finding: Finding, question: Question, final: boolean): Blame | undefined {
  const { isStale, link } = question
  const { name: node } = finding.node
  if (finding.state !== 'fine' && finding.state !== 'unseen') return settle(finding, question, final)
  if (finding.state === 'fine') {
    if (typeof link === 'object' && link.node === node) return { node, cause: 'link' }
    if (isStale) return { node, cause: 'stale_connection', cleared: true }
  }
  return final ? { node, cause: 'unknown', ...(finding.state === 'fine' && { cleared: true }) } : undefined
}

/**
 * That a slow node was cold is known only when it has been warm again for a moment; that one was recycling whose IIS answers
 * 502 by itself, because the application behind its module went away, or which fails to start, only when the new worker
 * shows itself.
 */
const mayProveRecycle = (finding: Finding, cause: Cause, question: Question): boolean =>
  cause === 'timeout' ||
  (cause === 'node_down' && (finding.failure?.outcome?.status === 502 || failedToStart(finding, question)))

/** It answered an error after a wait. */
const failedToStart = ({ failure }: Finding, { error }: Question): boolean =>
  waited(error) && (failure?.outcome?.status ?? 0) >= 500

function causeOf(finding: Finding, question: Question): Cause {
  const { state, recycle, node, failure } = finding
  const keptWaiting = waited(question.error) && (state !== 'down' || failure?.manner === 'hung')
  if (recycle !== undefined) return keptWaiting || failedToStart(finding, question) ? 'cold_start' : 'recycle'
  if (keptWaiting) return 'timeout'
  return isOverloaded(node.answers, failure) ? 'overload' : 'node_down'
}

function surelyBalancer(findings: readonly Finding[], { error, runLength }: Question): boolean {
  if (runLength >= 3) return true
  // A balancer that waited was most likely waiting for a node: which one is not known if all were fine.
  if (waited(error)) return false
  return findings.every(({ gapMs }) => gapMs <= shortGapMs)
}
