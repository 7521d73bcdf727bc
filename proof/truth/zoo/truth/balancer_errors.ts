/** The node and cause of each balancer error, from the logs of the balancer and the nodes. */

import { balancerName } from '../../../../src/model/farm.ts'
import type { Cause } from '../../../../src/model/incident.ts'
import { endedMs, type Outcome } from '../../../../src/model/outcome.ts'
import { overlap, type Window } from '../../scores/windows.ts'
import type { BalancerLine } from '../balancers/balancer.ts'
import type { BalancerErrorTruth, NodeStallTruth, WorkerTruth } from './vocabulary.ts'

/** A span in which a node could not answer, and the cause that an error then has. */
interface Trouble extends Window {
  readonly node: string
  readonly cause: Cause
  readonly alsoRight: readonly Cause[]
}

/** Errors come up to this long before or after a node's trouble: connections break, passive checks keep it out. */
const aroundMs = { before: 1000, after: 3000 }
/** A health check needs this long to put a node back into rotation. */
const backInMs = 5000

/** `nameOf`: the node with a name or an address from the balancer's log. */
export function balancerErrors(
  outcomes: readonly Outcome[],
  log: readonly BalancerLine[],
  truth: readonly (WorkerTruth | NodeStallTruth)[],
  nameOf: (tried: string) => string | undefined,
): BalancerErrorTruth[] {
  const lines = new Map(log.map((line) => [line.id, line]))
  const troubles = truth.map(troubleOf)
  return outcomes
    .filter(isError)
    .map((outcome) => errorTruth(outcome, lines.get(outcome.id), troubles, nameOf))
}

function isError({ role, status, reason }: Outcome): boolean {
  if (role !== 'balancer') return false
  const unanswered = reason === 'reset' || reason === 'closed' || reason === 'first_byte_timeout'
  return status === 0 ? unanswered : status >= 502 && status <= 504
}

function troubleOf(event: WorkerTruth | NodeStallTruth): Trouble {
  const { node } = event
  // A new worker is both a recycle and a cold start: either cause is right.
  if (event.kind === 'recycle' || event.cause === 'start') {
    const [fromMs, toMs] =
      event.kind === 'recycle'
        ? [Math.min(event.lastMs, event.atMs), Math.max(event.drainedMs, event.lastMs)]
        : [event.atMs, event.toMs]
    return { node, fromMs, toMs, cause: 'cold_start', alsoRight: ['recycle'] }
  }
  return { node, fromMs: event.atMs, toMs: event.toMs, cause: 'timeout', alsoRight: [] }
}

function errorTruth(
  outcome: Outcome,
  line: BalancerLine | undefined,
  troubles: readonly Trouble[],
  nameOf: (tried: string) => string | undefined,
): BalancerErrorTruth {
  const { id, status, startedMs, totalMs } = outcome
  const tried = (line?.tried ?? []).map(nameOf).filter((name) => name !== undefined)
  const met: Window = {
    fromMs: startedMs - aroundMs.after,
    toMs: endedMs(outcome) + aroundMs.before,
  }
  const late: Window = { fromMs: startedMs - backInMs, toMs: met.toMs }
  // Without a tried node: those that were out of rotation.
  const guilty = troubles.filter(({ node, fromMs, toMs }) =>
    tried.length > 0
      ? tried.includes(node) && overlap({ fromMs, toMs }, met)
      : overlap({ fromMs, toMs }, late),
  )
  const plain = { kind: 'balancer_error', atMs: startedMs, id, status, firstByteMs: totalMs } as const
  const [first] = guilty
  if (first !== undefined) {
    const { node, cause, alsoRight } = guilty.find((each) => each.node === tried.at(-1)) ?? first
    return { ...plain, node, nodes: [...new Set(guilty.map((each) => each.node))], cause, alsoRight }
  }
  const node = tried.at(-1) ?? balancerName
  if (node === balancerName) return { ...plain, node, nodes: [node], cause: 'balancer', alsoRight: [] }
  const slow = status === 504 || status === 0
  const [cause, other] = slow ? (['timeout', 'node_down'] as const) : (['node_down', 'timeout'] as const)
  return { ...plain, node, nodes: [node], cause, alsoRight: slow ? [] : [other] }
}
