/** Whether the balancer's errors were attributed to the right node and cause. Every error is one event, joined by its id. */
import type { BalancerError } from '../../../src/model/event.ts'
import type { BalancerErrorTruth } from '../../../src/simulator/farm/true_events.ts'
import type { Scorable } from '../simulated/watch_farm.ts'
import { stamp } from './score_recycles.ts'
import { ofKind, scoredWindow } from './scored_window.ts'
import { isIn } from './windows.ts'

export interface BlameScore {
  readonly errors: number
  /** Node and cause both right. */
  readonly right: number
  readonly wrong: number
  /** Node or cause not named, or the error not reported. */
  readonly unknown: number
  readonly notes: readonly string[]
}

export function scoreBlame(watched: Scorable): BlameScore {
  const { truth, events, record } = watched
  const span = scoredWindow(watched)
  const reported = new Map(
    events.filter((event) => event.kind === 'balancer_error').map((event) => [event.id, event]),
  )
  const errors = ofKind(truth, 'balancer_error').filter(
    ({ id, atMs }) => isIn(span, atMs) && !record.ownFault.has(id),
  )
  const judged = errors.map((error) => ({ error, verdict: judge(error, reported.get(error.id)) }))
  const count = (verdict: string) => judged.filter((each) => each.verdict === verdict).length
  return {
    errors: errors.length,
    right: count('right'),
    wrong: count('wrong'),
    unknown: count('unknown'),
    notes: judged
      .filter(({ verdict }) => verdict !== 'right')
      .map(({ error, verdict }) => note(watched, error, verdict, reported.get(error.id))),
  }
}

function judge(
  error: BalancerErrorTruth,
  reported: BalancerError | undefined,
): 'right' | 'wrong' | 'unknown' {
  if (reported === undefined || reported.node === 'unknown') return 'unknown'
  if (!error.nodes.includes(reported.node)) return 'wrong'
  if (reported.cause === 'unknown') return 'unknown'
  return reported.cause === error.cause || error.alsoRight.includes(reported.cause) ? 'right' : 'wrong'
}

function note(
  watched: Scorable,
  { atMs, status, nodes, cause, firstByteMs }: BalancerErrorTruth,
  verdict: string,
  reported: BalancerError | undefined,
): string {
  const said = reported === undefined ? 'not reported' : `reported ${reported.node} ${reported.cause}`
  return `${stamp(watched, atMs)} balancer: ${status} after ${Math.round(firstByteMs)} ms of ${nodes.join('/')} ${cause}: ${verdict}, ${said}`
}
