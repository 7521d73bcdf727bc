/** Whether the balancer's errors were put down to the right node and cause. Every error is one event, known by its id. */
import type { BalancerError } from '../../../src/model/event.ts'
import type { BalancerErrorTruth } from '../../../src/simulator/farm/true_events.ts'
import type { Scorable } from '../simulated/watch_farm.ts'
import { stamp } from './score_recycles.ts'
import { ofKind, scoredSpan } from './scored_window.ts'
import { isIn } from './windows.ts'

export interface BlameScore {
  readonly errors: number
  /** Node and cause both right. */
  readonly right: number
  readonly wrong: number
  /** Node or cause not named, or nothing said of the error. */
  readonly unknown: number
  readonly notes: readonly string[]
}

export function scoreBlame(watched: Scorable): BlameScore {
  const { truth, events, witnessed } = watched
  const span = scoredSpan(watched)
  const told = new Map(
    events.filter((event) => event.kind === 'balancer_error').map((event) => [event.id, event]),
  )
  const errors = ofKind(truth, 'balancer_error').filter(
    ({ id, atMs }) => isIn(span, atMs) && !witnessed.ownFault.has(id),
  )
  const judged = errors.map((error) => ({ error, verdict: judge(error, told.get(error.id)) }))
  const count = (verdict: string) => judged.filter((each) => each.verdict === verdict).length
  return {
    errors: errors.length,
    right: count('right'),
    wrong: count('wrong'),
    unknown: count('unknown'),
    notes: judged
      .filter(({ verdict }) => verdict !== 'right')
      .map(({ error, verdict }) => note(watched, error, verdict, told.get(error.id))),
  }
}

function judge(error: BalancerErrorTruth, told: BalancerError | undefined): 'right' | 'wrong' | 'unknown' {
  if (told === undefined || told.node === 'unknown') return 'unknown'
  if (!error.nodes.includes(told.node)) return 'wrong'
  if (told.cause === 'unknown') return 'unknown'
  return told.cause === error.cause || error.alsoRight.includes(told.cause) ? 'right' : 'wrong'
}

function note(
  watched: Scorable,
  { atMs, status, nodes, cause, firstByteMs }: BalancerErrorTruth,
  verdict: string,
  told: BalancerError | undefined,
): string {
  const said = told === undefined ? 'nothing said' : `said ${told.node} ${told.cause}`
  return `${stamp(watched, atMs)} balancer: ${status} after ${Math.round(firstByteMs)} ms of ${nodes.join('/')} ${cause}: ${verdict}, ${said}`
}
