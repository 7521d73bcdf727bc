import {
  type Algorithm,
  type Connection,
  createUsersTurns,
} from '../../../src/simulator/balancer/choose_node.ts'

/** Sends a request where the fewest are; of nodes with as many, to the next in turn. */
export const leastConnections: Algorithm = (nodes, usersPerSecond, random) => {
  const usersTurns = createUsersTurns(nodes.length, usersPerSecond, random)
  const byNode = new Map(nodes.map((node): [typeof node, Connection[]] => [node, []]))
  let turn = 0
  const count = (node: (typeof nodes)[number], nowMs: number) => {
    const running = (byNode.get(node) ?? []).filter(({ untilMs }) => untilMs > nowMs)
    byNode.set(node, running)
    return running.length + node.busy(nowMs)
  }
  return {
    choose(nowMs, isEligible) {
      turn += usersTurns(nowMs)
      const before = turn
      turn = (turn + 1) % nodes.length
      let chosen: (typeof nodes)[number] | undefined
      let fewest = Number.POSITIVE_INFINITY
      for (let step = 1; step <= nodes.length; step++) {
        const node = nodes[(before + step) % nodes.length]
        if (node === undefined || !isEligible(node)) continue
        const own = count(node, nowMs)
        if (own < fewest) [chosen, fewest] = [node, own]
      }
      return chosen
    },
    occupy: (node, connection) => void byNode.get(node)?.push(connection),
  }
}
