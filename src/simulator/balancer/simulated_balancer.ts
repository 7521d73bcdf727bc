/** The balancer of a simulated farm. */
import type { Random } from '../../runtime/random.ts'
import type { Page } from '../answer/pages.ts'
import type { Blame } from '../answer/simulated_answer.ts'
import type { Agenda } from '../farm/agenda.ts'
import type { Scenario } from '../farm/blueprint.ts'
import type { LogTruth } from '../farm/true_events.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'
import type { Connection } from './choose_node.ts'

export type SimulatedBalancer = ReturnType<typeof createBalancer>

export const ownBlame: Blame = { node: 'balancer', nodes: ['balancer'], cause: 'balancer', alsoRight: [] }

export function createBalancer(
  scenario: Scenario,
  nodes: readonly SimulatedNode[],
  startMs: number,
  agenda: Agenda,
  log: LogTruth,
  random: Random,
) {
  const plan = scenario.balancer
  const rotation = plan.rotation({ timeoutMs: plan.timeoutMs, startMs, agenda, log, random })
  const usersPerSecond = (nowMs: number) => nodes.reduce((sum, node) => sum + node.usersPerSecond(nowMs), 0)
  const algorithm = plan.algorithm(nodes, usersPerSecond, random)
  let downUntilMs = 0

  /** The node for a request; `not` were tried. Undefined when none is in rotation. */
  const choose = (nowMs: number, not: readonly SimulatedNode[]): SimulatedNode | undefined =>
    algorithm.choose(nowMs, (node) => rotation.isIn(node) && !not.includes(node))
  const occupy = (node: SimulatedNode, connection: Connection) => algorithm.occupy?.(node, connection)
  /** The page it answers while its own pool recycles; undefined when it works. */
  const ownError = (nowMs: number): Page | undefined =>
    nowMs < downUntilMs ? plan.product.pages.no_node : undefined
  /** What is to blame when no node was left to ask. */
  const blameForNone = (nowMs: number, path: string): Blame => {
    const troubled = nodes.filter((node) => !node.isHealthy(nowMs, path, plan.timeoutMs))
    return blameOfAll(troubled.length > 0 ? troubled : nodes)
  }
  return {
    choose,
    rotation,
    occupy,
    /** Its own pool recycles: errors until `toMs`. */
    breakDown(nowMs: number, toMs: number): void {
      downUntilMs = Math.max(downUntilMs, toMs)
      log({ kind: 'outage', atMs: nowMs, toMs, target: 'balancer', how: 'gateway' })
    },
    ownError,
    blameForNone,
  }
}

function blameOfAll(nodes: readonly SimulatedNode[]): Blame {
  const names = nodes.map(({ name }) => name)
  return {
    node: names[0] ?? 'balancer',
    nodes: names,
    cause: 'node_down',
    alsoRight: ['recycle', 'cold_start'],
  }
}
