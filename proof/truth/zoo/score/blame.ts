/** Whether the balancer's errors were put down to the right node and cause, as the balancer's own log has them. */
import type { BalancerError } from '../../../../src/model/event.ts'
import { type BalancerErrorTruth, ofKind } from '../truth/vocabulary.ts'
import { type Finding, isScored, type ScoredFarm } from './scored_farm.ts'

export interface BlameScore {
  /** Errors that our probes met at the balancer. */
  readonly errors: number
  /** Of these, a node or the balancer itself was named, and it is one that may be blamed. */
  readonly named: number
  readonly right: number
  /** Of those, a cause was named, and it is right. */
  readonly causeNamed: number
  readonly causeRight: number
  readonly findings: readonly Finding[]
}

export function scoreBlame(farm: ScoredFarm): BlameScore {
  const { truth, probes } = farm.recording
  const told = new Map(
    farm.events.flatMap((event) => (event.kind === 'balancer_error' ? [[event.id, event]] : [])),
  )
  const ownFault = new Set(
    probes.flatMap(({ outcome: { id, suspect, status } }) => (suspect && status === 0 ? [id] : [])),
  )
  const judged = ofKind(truth, 'balancer_error')
    .filter(({ id, atMs }) => isScored(farm, atMs) && !ownFault.has(id))
    .map((error) => judge(error, told.get(error.id)))
  const count = (...verdicts: readonly Judged['verdict'][]) =>
    judged.filter(({ verdict }) => verdicts.includes(verdict)).length
  return {
    errors: judged.length,
    named: judged.length - count('unknown'),
    right: count('node', 'cause', 'both'),
    causeNamed: count('cause', 'both'),
    causeRight: count('both'),
    findings: judged.flatMap(({ finding }) => finding ?? []),
  }
}

interface Judged {
  /** `node`: right, and no cause named; `cause`: the node right, the cause wrong; `both`: all right. */
  readonly verdict: 'unknown' | 'wrong' | 'node' | 'cause' | 'both'
  readonly finding?: Finding
}

function judge(error: BalancerErrorTruth, told: BalancerError | undefined): Judged {
  const { atMs, status, nodes, cause, alsoRight, firstByteMs } = error
  const verdict = verdictOn(error, told)
  if (verdict === 'both') return { verdict }
  const said = told === undefined ? 'nothing was said' : `${told.node} ${told.cause} was said`
  const met = `${status === 0 ? 'no answer' : status} after ${Math.round(firstByteMs)} ms`
  const truth = `${nodes.join('/')} ${[cause, ...alsoRight].join('/')}`
  const what = verdict === 'unknown' || verdict === 'node' ? 'missed' : 'wrong'
  return { verdict, finding: { what, atMs, target: 'balancer', sentence: `${met}: ${truth}, and ${said}` } }
}

function verdictOn(error: BalancerErrorTruth, told: BalancerError | undefined): Judged['verdict'] {
  if (told === undefined || told.node === 'unknown') return 'unknown'
  if (!error.nodes.includes(told.node)) return 'wrong'
  if (told.cause === 'unknown') return 'node'
  return told.cause === error.cause || error.alsoRight.includes(told.cause) ? 'both' : 'cause'
}
