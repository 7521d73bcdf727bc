/** Balancers that take nodes out of rotation: by health checks, or by counting the requests that fail there. */
import type { Member, Rotation, RotationNeeds } from '../../../src/simulator/balancer/rotation.ts'
import type { BalancerPlan, HealthPlan } from '../../../src/simulator/farm/blueprint.ts'
import { exponentialMs } from '../../../src/simulator/farm/chance.ts'

/** What takes a node out. */
interface Rules {
  readonly health?: HealthPlan
  /** So many failed requests in a row take a node out for a while. */
  readonly passive?: { readonly fails: number; readonly forMs: number }
}

/** The part of a balancer that says so. */
export const takesOut = (rules: Rules): Partial<BalancerPlan> => ({
  ...(rules.health && { health: rules.health }),
  rotation: (needs) => createRotation(needs, rules),
})

/**
 * Nothing is checked while all is well: the result of a check is known. The health of a node in trouble is checked when
 * each health check is due, on the grid that starts with the farm.
 */
function createRotation(needs: RotationNeeds, rules: Rules): Rotation {
  const known = new Map<Member, NodeRotation>()
  const rotationOf = (node: Member): NodeRotation => {
    const rotation = known.get(node) ?? createNodeRotation(node, needs, rules)
    known.set(node, rotation)
    return rotation
  }
  return {
    isIn: (node) => known.get(node)?.isIn() ?? true,
    watch: (node, nowMs) => rotationOf(node).watch(nowMs),
    report: (node, nowMs, failed) => rotationOf(node).report(nowMs, failed),
  }
}

type NodeRotation = ReturnType<typeof createNodeRotation>

function createNodeRotation(
  node: Member,
  { timeoutMs, startMs, agenda, log, random }: RotationNeeds,
  { health, passive }: Rules,
) {
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
  const isWell = (nowMs: number) => node.isHealthy(nowMs, '/', timeoutMs)
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
