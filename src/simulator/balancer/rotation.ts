import type { Random } from '../../runtime/random.ts'
import type { Agenda } from '../farm/agenda.ts'
import type { BalancerPlan } from '../farm/blueprint.ts'
import { exponentialMs } from '../farm/chance.ts'
import type { LogTruth } from '../farm/true_events.ts'
import type { SimulatedNode } from '../node/simulated_node.ts'

/** Which nodes a balancer sends requests to: it checks their health, and it minds their failures. */
export interface Rotation {
  isIn(node: SimulatedNode): boolean
  /** A node may have got into trouble: look at it until it is over. */
  watch(node: SimulatedNode, nowMs: number): void
  /** A request that the balancer passed to the node failed, or did not. */
  report(node: SimulatedNode, nowMs: number, failed: boolean): void
}

interface Watched {
  inRotation: boolean
  watching: boolean
  /** Health checks in a row that failed, or succeeded. */
  failed: number
  succeeded: number
  /** Requests in a row that failed. */
  failedRequests: number
  usersExpected: boolean
}

/** The rotation and what it works with. */
interface Tools {
  readonly plan: BalancerPlan
  readonly startMs: number
  readonly agenda: Agenda
  readonly log: LogTruth
  readonly random: Random
  readonly watched: Map<SimulatedNode, Watched>
}

/**
 * Nothing is checked while all is well: what a check would say is known. A node in trouble is looked at when each
 * health check is due, on the grid that starts with the farm.
 */
export function createRotation(
  plan: BalancerPlan,
  startMs: number,
  agenda: Agenda,
  log: LogTruth,
  random: Random,
): Rotation {
  const tools: Tools = { plan, startMs, agenda, log, random, watched: new Map() }
  return {
    isIn: (node) => tools.watched.get(node)?.inRotation ?? true,
    watch(node, nowMs) {
      const state = stateOf(tools, node)
      expectUsers(tools, node, state, nowMs)
      if (state.watching) return
      state.watching = true
      state.failed = 0
      state.succeeded = 0
      check(tools, node, state, nowMs)
    },
    report: (node, nowMs, failed) => report(tools, node, nowMs, failed),
  }
}

function stateOf({ watched }: Tools, node: SimulatedNode): Watched {
  const known = watched.get(node)
  if (known !== undefined) return known
  const counts = { failed: 0, succeeded: 0, failedRequests: 0 }
  const state = { inRotation: true, watching: false, usersExpected: false, ...counts }
  watched.set(node, state)
  return state
}

function move(tools: Tools, node: SimulatedNode, nowMs: number, inRotation: boolean): void {
  const state = stateOf(tools, node)
  if (state.inRotation === inRotation) return
  state.inRotation = inRotation
  state.failedRequests = 0
  node.setRotation(inRotation)
  tools.log({ kind: 'rotation', atMs: nowMs, node: node.name, inRotation })
}

/** The next health check, and those after it for as long as they are of interest. */
function check(tools: Tools, node: SimulatedNode, state: Watched, afterMs: number): void {
  const { startMs } = tools
  const { health } = tools.plan
  if (health === undefined) return
  const dueMs = startMs + (Math.floor((afterMs - startMs) / health.everyMs) + 1) * health.everyMs
  tools.agenda.at(dueMs, (nowMs) => {
    const healthy = node.isHealthy(nowMs, health.path, health.timeoutMs)
    state.failed = healthy ? 0 : state.failed + 1
    state.succeeded = healthy ? state.succeeded + 1 : 0
    if (state.failed >= health.fall) move(tools, node, nowMs, false)
    if (state.succeeded >= health.rise) move(tools, node, nowMs, true)
    state.watching = !healthy || !state.inRotation
    if (state.watching) check(tools, node, state, nowMs)
  })
}

/** Users fail at a node in trouble too, and the balancer counts their failures with farmprobe's. */
function expectUsers(tools: Tools, node: SimulatedNode, state: Watched, nowMs: number): void {
  if (tools.plan.passive === undefined || state.usersExpected) return
  state.usersExpected = true
  const gapMs = exponentialMs(1000 / node.usersPerSecond(nowMs), tools.random)
  tools.agenda.at(nowMs + gapMs, (atMs) => {
    state.usersExpected = false
    if (!state.inRotation || isWell(tools, node, atMs)) return
    report(tools, node, atMs, true)
    expectUsers(tools, node, state, atMs)
  })
}

const isWell = ({ plan }: Tools, node: SimulatedNode, nowMs: number) =>
  node.isHealthy(nowMs, '/', plan.timeoutMs)

function report(tools: Tools, node: SimulatedNode, nowMs: number, failed: boolean): void {
  const { passive } = tools.plan
  if (passive === undefined) return
  const state = stateOf(tools, node)
  if (!state.inRotation) return
  state.failedRequests = failed ? state.failedRequests + 1 : 0
  if (state.failedRequests < passive.fails) return
  move(tools, node, nowMs, false)
  tools.agenda.at(nowMs + passive.forMs, (atMs) => {
    move(tools, node, atMs, true)
    if (!isWell(tools, node, atMs)) expectUsers(tools, node, state, atMs)
  })
}
