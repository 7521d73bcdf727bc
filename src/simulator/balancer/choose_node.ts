import type { Random } from '../../runtime/random.ts'
import type { BalancerPlan } from '../farm/blueprint.ts'
import { exponentialMs } from '../farm/chance.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'

/** Chooses the node for a request among those given; undefined when there is none. */
export type Choose = (
  nowMs: number,
  isEligible: (node: SimulatedNode) => boolean,
) => SimulatedNode | undefined

/** `connections` gives how many requests of the balancer a node is working on. */
export function createChoice(
  plan: BalancerPlan,
  nodes: readonly SimulatedNode[],
  usersPerSecond: (nowMs: number) => number,
  connections: (node: SimulatedNode, nowMs: number) => number,
  random: Random,
): Choose {
  const order = weightedOrder(nodes)
  let turn = 0
  let lastMs = 0

  /** Users took their turns since the last request of ours. */
  function letUsersPass(nowMs: number): void {
    const expected = ((nowMs - lastMs) / 1000) * usersPerSecond(nowMs)
    lastMs = nowMs
    turn += expected > 50 ? Math.floor(random() * order.length) : arrivals(expected, random)
  }

  return (nowMs, isEligible) => {
    letUsersPass(nowMs)
    const byConnections = plan.algorithm === 'least_connections'
    const before = turn
    if (byConnections) turn = (turn + 1) % order.length
    let chosen: SimulatedNode | undefined
    let fewest = Number.POSITIVE_INFINITY
    for (let step = 1; step <= order.length; step++) {
      const at = (before + step) % order.length
      const node = order[at]
      if (node === undefined || !isEligible(node)) continue
      if (!byConnections) {
        turn = at
        return node
      }
      const count = connections(node, nowMs)
      if (count < fewest) [chosen, fewest] = [node, count]
    }
    return chosen
  }
}

/** How many of a Poisson process came, when so many are expected. */
function arrivals(expected: number, random: Random): number {
  let count = 0
  for (let at = exponentialMs(1, random); at < expected; at += exponentialMs(1, random)) count += 1
  return count
}

/** The nodes, each as often as it weighs, spread as evenly as possible: the smooth weighted round robin. */
function weightedOrder(nodes: readonly SimulatedNode[]): SimulatedNode[] {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0)
  const credit = new Map(nodes.map((node) => [node, 0]))
  return Array.from({ length: total }, () => {
    for (const node of nodes) credit.set(node, (credit.get(node) ?? 0) + node.weight)
    const richest = nodes.reduce((a, b) => ((credit.get(b) ?? 0) > (credit.get(a) ?? 0) ? b : a))
    credit.set(richest, (credit.get(richest) ?? 0) - total)
    return richest
  })
}
