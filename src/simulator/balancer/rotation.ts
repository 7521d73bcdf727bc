/** Which nodes a balancer sends requests to: it checks their health, and it counts the requests that fail there. */
import type { Random } from '../../runtime/random.ts'
import type { Agenda } from '../farm/agenda.ts'
import type { BalancerPlan } from '../farm/blueprint.ts'
import { exponentialMs } from '../farm/chance.ts'
import type { LogTruth } from '../farm/true_events.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'

interface Surroundings {
  readonly plan: BalancerPlan
  readonly startMs: number
  readonly agenda: Agenda
  readonly log: LogTruth
  readonly random: Random
}

/**
 * Nothing is checked while all is well: the result of a check is known. The health of a node in trouble is checked when
 * each health check is due, on the grid that starts with the farm.
 */
export function createRotation(around: Surroundings) {
  const known = new Map<SimulatedNode, NodeRotation>()
  const rotationOf = (node: SimulatedNode): NodeRotation => {
    const rotation = known.get(node) ?? createNodeRotation(node, around)
    known.set(node, rotation)
    return rotation
  }
  return {
    isIn: (node: SimulatedNode) => known.get(node)?.isIn() ?? true,
    /** A node may have got into trouble: check its health until it is over. */
    watch: (node: SimulatedNode, nowMs: number) => rotationOf(node).watch(nowMs),
    /** A request that the balancer passed to the node failed, or did not. */
    report: (node: SimulatedNode, nowMs: number, failed: boolean) => rotationOf(node).report(nowMs, failed),
  }
}

type NodeRotation = ReturnType<typeof createNodeRotation>

function createNodeRotation(node: SimulatedNode, { plan, startMs, agenda, log, random }: Surroundings) {
  const { health, passive } = plan
  let inRotation = true
  let watching = false
  let usersExpected = false
  /** Health checks in a row that failed, or succeeded. */
  let failed = 0
  let succeeded = 0
  let failedRequests = 0

  const move = (nowMs: number, into: boolean) => {
    if (inRotation === into) return
    inRotation = into
    failedRequests = 0
    node.setRotation(inRotation)
    log({ kind: 'rotation', atMs: nowMs, node: node.name, inRotation })
  }
  /** The next health check, and those after it for as long as they are of interest. */
  const check = (afterMs: number) => {
    if (health === undefined) return
    const dueMs = startMs + (Math.floor((afterMs - startMs) / health.everyMs) + 1) * health.everyMs
    agenda.at(dueMs, (nowMs) => {
      const healthy = node.isHealthy(nowMs, health.path, health.timeoutMs)
      failed = healthy ? 0 : failed + 1
      succeeded = healthy ? succeeded + 1 : 0
      if (failed >= health.fall) move(nowMs, false)
      if (succeeded >= health.rise) move(nowMs, true)
      watching = !healthy || !inRotation
      if (watching) check(nowMs)
    })
  }
  const isWell = (nowMs: number) => node.isHealthy(nowMs, '/', plan.timeoutMs)
  /** Users fail at a node in trouble too, and the balancer counts their failures with farmprobe's. */
  const expectUsers = (nowMs: number) => {
    if (passive === undefined || usersExpected) return
    usersExpected = true
    const gapMs = exponentialMs(1000 / node.usersPerSecond(nowMs), random)
    agenda.at(nowMs + gapMs, (atMs) => {
      usersExpected = false
      if (!inRotation || isWell(atMs)) return
      report(atMs, true)
      expectUsers(atMs)
    })
  }
  const report = (nowMs: number, isFailure: boolean) => {
    if (passive === undefined || !inRotation) return
    failedRequests = isFailure ? failedRequests + 1 : 0
    if (failedRequests < passive.fails) return
    move(nowMs, false)
    agenda.at(nowMs + passive.forMs, (atMs) => {
      move(atMs, true)
      if (!isWell(atMs)) expectUsers(atMs)
    })
  }
  return {
    isIn: () => inRotation,
    report,
    watch(nowMs: number) {
      expectUsers(nowMs)
      if (watching) return
      watching = true
      failed = 0
      succeeded = 0
      check(nowMs)
    },
  }
}
