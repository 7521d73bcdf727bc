/** Whether balancer errors were attributed to the right node and cause, by the balancer's own log. */
import type { BalancerError } from '../../../../src/model/event.ts'
import { endedMs, isSuspect } from '../../../../src/model/outcome.ts'
import { type BalancerErrorTruth, ofKind } from '../truth/vocabulary.ts'
import { type Finding, isScored, type ScoredFarm } from './scored_farm.ts'

export interface BlameScore {
  /** Balancer errors that probes met. */
  readonly errors: number
  /**
   * Errors without a named node that none can have: by the logs several nodes answered nobody throughout, and the answer names
   * no node.
   */
  readonly undecided: number
  /** Errors with a named node (or the balancer itself), and those of them where it is right. */
  readonly named: number
  readonly right: number
  /** Errors with the right node and a named cause, and those of them where it is right. */
  readonly causeNamed: number
  readonly causeRight: number
  readonly findings: readonly Finding[]
}

export function scoreBlame(farm: ScoredFarm): BlameScore {
  const { truth, probes } = farm.recording
  const reported = new Map(
    farm.events.flatMap((event) => (event.kind === 'balancer_error' ? [[event.id, event]] : [])),
  )
  const ownFault = new Set(
    probes.flatMap(({ outcome }) => (isSuspect(outcome) && outcome.status === 0 ? [outcome.id] : [])),
  )
  const judged = ofKind(truth, 'balancer_error')
    .filter(({ id, atMs }) => isScored(farm, atMs) && !ownFault.has(id))
    .map((error) => judge(error, reported.get(error.id)))
  const stalls = ofKind(truth, 'node_stall').filter(({ cause }) => cause !== 'network')
  const unnamed = new Map(
    probes.flatMap(({ outcome }) =>
      outcome.servedBy === undefined && outcome.identity === undefined ? [[outcome.id, outcome]] : [],
    ),
  )
  const isUndecided = ({ verdict, id }: Judged) => {
    const outcome = unnamed.get(id)
    if (verdict !== 'unknown' || outcome === undefined) return false
    const stuck = stalls.filter(
      ({ atMs, toMs }) => atMs <= outcome.startedMs + slackMs && toMs >= endedMs(outcome) - slackMs,
    )
    return new Set(stuck.map(({ node }) => node)).size > 1
  }
  const count = (...verdicts: readonly Judged['verdict'][]) =>
    judged.filter(({ verdict }) => verdicts.includes(verdict)).length
  return {
    errors: judged.length,
    undecided: judged.filter(isUndecided).length,
    named: judged.length - count('unknown'),
    right: count('node', 'cause', 'both'),
    causeNamed: count('cause', 'both'),
    causeRight: count('both'),
    findings: judged.flatMap(({ finding }) => finding ?? []),
  }
}

/** Probes of one slot do not reach all nodes in the same moment. */
const slackMs = 250

interface Judged {
  readonly id: string
  /** `node`: right node, no cause; `cause`: right node, wrong cause; `both`: right node and cause. */
  readonly verdict: 'unknown' | 'wrong' | 'node' | 'cause' | 'both'
  readonly finding?: Finding
}

function judge(error: BalancerErrorTruth, reported: BalancerError | undefined): Judged {
  const { id, atMs, status, nodes, cause, alsoRight, firstByteMs } = error
  const verdict = verdictOn(error, reported)
  if (verdict === 'both') return { id, verdict }
  const said = reported === undefined ? 'not reported' : `reported as ${reported.node} ${reported.cause}`
  const met = `${status === 0 ? 'no answer' : status} after ${Math.round(firstByteMs)} ms`
  const truth = `${nodes.join('/')} ${[cause, ...alsoRight].join('/')}`
  const what = verdict === 'unknown' || verdict === 'node' ? 'missed' : 'wrong'
  return { id, verdict, finding: { what, atMs, target: 'balancer', sentence: `${met}: ${truth}, ${said}` } }
}

function verdictOn(error: BalancerErrorTruth, reported: BalancerError | undefined): Judged['verdict'] {
  if (reported === undefined || reported.node === 'unknown') return 'unknown'
  if (!error.nodes.includes(reported.node)) return 'wrong'
  if (reported.cause === 'unknown') return 'node'
  return reported.cause === error.cause || error.alsoRight.includes(reported.cause) ? 'both' : 'cause'
}
