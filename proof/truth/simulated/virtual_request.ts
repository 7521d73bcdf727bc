/** Requests to a simulated farm in virtual time: what each meets is worked out at once, sockets and waiting left out. */
import { balancerName } from '../../../src/model/farm.ts'
import type { Page } from '../../../src/simulator/answer/pages.ts'
import type { Answer, Blame, FailureKind, Served } from '../../../src/simulator/answer/simulated_answer.ts'
import { mayRetry, type UpstreamFailure } from '../../../src/simulator/balancer/gateway_answer.ts'
import { ownBlame } from '../../../src/simulator/balancer/simulated_balancer.ts'
import type { BalancerPlan } from '../../../src/simulator/farm/blueprint.ts'
import { drawMs } from '../../../src/simulator/farm/chance.ts'
import type { SimulatedFarm } from '../../../src/simulator/farm/simulated_farm.ts'
import type { Sender } from '../../../src/simulator/farm/true_events.ts'
import { segmentRetryMs } from '../../../src/simulator/farm/weather.ts'
import type { SimulatedNode } from '../../../src/simulator/node/simulated_node.ts'

/** One request to a simulated farm. */
interface Ask {
  /** `balancer`, or the name of a node. */
  readonly target: string
  readonly path: string
  readonly from: Sender
}

/**
 * What one request that is sent at `nowMs` meets; times never go back, and what happens between two of them is worked out
 * with the later one. An unknown target is an error of the caller's.
 */
export function request(farm: SimulatedFarm, nowMs: number, { target, path, from }: Ask): Answer {
  const { agenda, nodes, scenario } = farm
  if (agenda.nextMs <= nowMs) agenda.advance(nowMs)
  if (target === balancerName) return throughNetwork(farm, askBalancer(farm, nowMs, path, from), nowMs)
  const node = nodes.find(({ name }) => name === target)
  if (node === undefined) throw new Error(`No target ${target} in the simulated farm ${scenario.name}`)
  return throughNetwork(farm, node.request(nowMs, path, from), nowMs)
}

/** Passes one request on, retries included, and answers it, without the network between prober and balancer. */
function askBalancer(farm: SimulatedFarm, nowMs: number, path: string, from: Sender): Answer {
  const own = farm.balancer.ownError(nowMs)
  return own === undefined
    ? passOn(farm, nowMs, path, from, [], 0)
    : itself(farm.scenario.balancer, own, 0, ownBlame)
}

/** Asks a node, and another if it may. Nodes are asked as they are now, even when the first took its time to fail. */
function passOn(
  farm: SimulatedFarm,
  nowMs: number,
  path: string,
  from: Sender,
  not: SimulatedNode[],
  spentMs: number,
): Answer {
  const { balancer } = farm
  const plan = farm.scenario.balancer
  const node = balancer.choose(nowMs, not)
  if (node === undefined)
    return itself(plan, plan.product.pages.no_node, spentMs, balancer.blameForNone(nowMs, path))
  const answer = node.request(nowMs, path, from)
  const tookMs = answer.kind === 'served' ? answer.firstByteMs : answer.afterMs
  const waitedMs = Math.min(tookMs, plan.timeoutMs)
  balancer.occupy(node, { untilMs: nowMs + waitedMs })
  const failure = failureOf(answer, plan.timeoutMs)
  balancer.rotation.report(node, nowMs, failure !== undefined)
  if (failure === undefined) return { ...(answer as Served), firstByteMs: spentMs + waitedMs + plan.hopMs }
  if (mayRetry(plan.retry, failure) && not.length === 0)
    return passOn(farm, nowMs, path, from, [node], spentMs + waitedMs)
  return itself(plan, plan.product.pages[failure], spentMs + waitedMs, answer.blame)
}

/** A page that the balancer makes itself, after so long. */
function itself(plan: BalancerPlan, page: Page, afterMs: number, blame: Blame): Served {
  const times = { connectMs: 0, firstByteMs: afterMs + plan.hopMs, transferMs: 0.1 }
  return { kind: 'served', page, ...times, node: undefined, token: undefined, blame }
}

function failureOf(answer: Answer, timeoutMs: number): UpstreamFailure | undefined {
  if (answer.kind === 'failed') return answer.afterMs > timeoutMs ? 'timeout' : upstreamFailures[answer.how]
  return answer.firstByteMs > timeoutMs ? 'timeout' : undefined
}

/** What a balancer makes of a node that fails in this way. */
const upstreamFailures: Readonly<Record<FailureKind, Exclude<UpstreamFailure, 'no_node'>>> = {
  refused: 'refused',
  reset: 'broken',
  closed: 'broken',
  garbage: 'broken',
  unanswered: 'timeout',
  unreachable: 'timeout',
}

/** A lost SYN is sent again after a second. */
const synRetryMs = 1000

/** An answer as it is seen through the network. */
function throughNetwork({ scenario, weather }: SimulatedFarm, answer: Answer, nowMs: number): Answer {
  const { random } = weather
  const bad = weather.bad(nowMs)
  const lost = (retryMs: number) => (bad !== undefined && random() < bad.lossShare ? retryMs : 0)
  const trip = { medianMs: scenario.networkMs + (bad?.addMs ?? 0), sigma: bad ? 0.3 : 0.15 }
  const tripMs = drawMs(trip, random)
  const connectMs = tripMs + lost(synRetryMs)
  if (answer.kind === 'failed')
    return { ...answer, connectMs, afterMs: answer.afterMs + (answer.how === 'refused' ? 0 : tripMs) }
  return { ...answer, connectMs, firstByteMs: answer.firstByteMs + tripMs + lost(segmentRetryMs) }
}
