import type { Random } from '../../runtime/random.ts'
import { exponentialMs } from '../farm/chance.ts'

/** A node, as those see it that choose among several. */
interface Candidate {
  readonly weight: number
  /** Requests of users that it is working on, roughly. */
  busy(nowMs: number): number
}

/** A request at a node; its end is set as soon as it is known. */
export interface Connection {
  untilMs: number
}

/** Chooses nodes for requests, which users' requests come in between. */
export type Algorithm = <Node extends Candidate>(
  nodes: readonly Node[],
  usersPerSecond: (nowMs: number) => number,
  random: Random,
) => {
  /** Undefined when none is eligible. */
  readonly choose: (nowMs: number, isEligible: (node: Node) => boolean) => Node | undefined
  /** Called with each request that is passed on. */
  readonly occupy?: (node: Node, connection: Connection) => void
}

export const roundRobin: Algorithm = (nodes, usersPerSecond, random) => {
  const order = weightedOrder(nodes)
  const usersTurns = createUsersTurns(order.length, usersPerSecond, random)
  let turn = 0
  return {
    choose(nowMs, isEligible) {
      const before = turn + usersTurns(nowMs)
      for (let step = 1; step <= order.length; step++) {
        turn = (before + step) % order.length
        const node = order[turn]
        if (node !== undefined && isEligible(node)) return node
      }
      return undefined
    },
  }
}

/** How many turns users took since the last request of ours, of so many nodes. */
export function createUsersTurns(count: number, usersPerSecond: (nowMs: number) => number, random: Random) {
  let lastMs = 0
  return (nowMs: number): number => {
    const expected = ((nowMs - lastMs) / 1000) * usersPerSecond(nowMs)
    lastMs = nowMs
    return expected > 50 ? Math.floor(random() * count) : arrivals(expected, random)
  }
}

/** How many of a Poisson process came, when so many are expected. */
function arrivals(expected: number, random: Random): number {
  let count = 0
  for (let at = exponentialMs(1, random); at < expected; at += exponentialMs(1, random)) count += 1
  return count
}

/** The nodes, each as often as it weighs, spread as evenly as possible: the smooth weighted round robin. */
function weightedOrder<Node extends Candidate>(nodes: readonly Node[]): Node[] {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0)
  const credit = new Map(nodes.map((node) => [node, 0]))
  return Array.from({ length: total }, () => {
    for (const node of nodes) credit.set(node, (credit.get(node) ?? 0) + node.weight)
    const richest = nodes.reduce((a, b) => ((credit.get(b) ?? 0) > (credit.get(a) ?? 0) ? b : a))
    credit.set(richest, (credit.get(richest) ?? 0) - total)
    return richest
  })
}
