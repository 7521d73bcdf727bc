import { hourMs } from '../../runtime/duration.ts'
import type { Random } from '../../runtime/random.ts'
import { type Answer, blamesOf } from '../answer/simulated_answer.ts'
import type { Agenda } from '../farm/agenda.ts'
import type { AppPlan, NodeAction, NodeOutageKind, NodePlan, PoolPlan, Scenario } from '../farm/blueprint.ts'
import { fork } from '../farm/chance.ts'
import type { LogTruth, Sender } from '../farm/true_events.ts'
import { createVisitors, type Visitors } from '../farm/visitors.ts'
import { createLatency, type WarmLatency } from './latency.ts'
import { answerOf, type Cutoff, cutShort, outOfOrder } from './node_answer.ts'
import type { PoolState } from './pool_state.ts'
import { comeBack, crash, powerOff, recycle, takeOffline } from './pool_workers.ts'
import { type Admission, admit, createPool, isHealthy, warmingMs } from './simulated_pool.ts'

export type SimulatedNode = ReturnType<typeof createNode>

interface App {
  readonly plan: AppPlan
  readonly pool: PoolState
  readonly latency: WarmLatency
  readonly visitors: Visitors
}

export interface NodeSurroundings {
  readonly scenario: Scenario
  readonly startMs: number
  readonly agenda: Agenda
  readonly log: LogTruth
  readonly onTrouble: (nowMs: number) => void
  /** The node's share of the users, 0 to 1. */
  readonly share: number
}

/** A node without troubles whose workers are warm. */
export function createNode(
  { name, weight, apps: plans }: NodePlan,
  around: NodeSurroundings,
  random: Random,
) {
  const blames = blamesOf(name)
  const apps = plans.map((app) => createApp(name, app, around, fork(random)))
  const main = apps.at(-1) as App
  const appOf = (path: string) => apps.find((app) => path.startsWith(app.plan.path)) ?? main
  const named = (path = '/') => apps.find((app) => app.plan.path === path) ?? main
  let down: NodeOutageKind | undefined
  let cutoffs: readonly Cutoff[] = []

  function breakDown(action: NodeAction & { kind: 'outage' }, nowMs: number, toMs: number): void {
    down = action.how
    around.log({ kind: 'outage', atMs: nowMs, toMs, target: name, how: action.how })
    if (action.restarts) for (const { pool } of apps) powerOff(pool)
    around.onTrouble(nowMs)
    around.agenda.at(toMs, (atMs) => {
      down = undefined
      if (action.restarts) for (const { pool } of apps) comeBack(pool, atMs)
    })
  }

  return {
    name,
    weight,
    /** Answers one request, without the network between prober and node. */
    request(nowMs: number, path: string, from: Sender): Answer {
      if (down !== undefined) return outOfOrder(down, name, blames)
      const app = appOf(path)
      const admission = admit(app.pool, nowMs, path, from)
      const { transferMs } = app.plan.latency
      const answer = answerOf(admission, name, nowMs, warmMs(app, admission), transferMs, blames)
      return cutoffs.length === 0 ? answer : cutShort(answer, nowMs, app.plan.path, cutoffs, blames)
    },
    /** Announces an action, so that requests that will be running at that moment can be cut off by it. */
    expect(action: NodeAction, atMs: number): void {
      const app = action.kind === 'outage' ? undefined : (action.app ?? '/')
      if (kills(action) || (action.kind === 'recycle' && named(app).pool.plan.breaksOff))
        cutoffs = [...cutoffs, { atMs, app }]
    },
    apply(action: NodeAction, nowMs: number, forMs: number): void {
      cutoffs = cutoffs.filter(({ atMs }) => atMs > nowMs)
      if (action.kind === 'recycle') recycle(named(action.app).pool, nowMs, action.cause)
      else if (action.kind === 'crash') crash(named(action.app).pool, nowMs)
      else if (down === undefined) breakDown(action, nowMs, nowMs + forMs)
    },
    /** A new version: a recycle of every pool, or app_offline.htm for so long. */
    deploy(by: 'recycle' | 'app_offline', nowMs: number, forMs: number): void {
      for (const { pool } of apps)
        if (by === 'recycle') recycle(pool, nowMs, 'deploy')
        else takeOffline(pool, nowMs, nowMs + forMs)
    },
    /** How it is out of order; undefined when it is not. Its pools may be. */
    outage: (): NodeOutageKind | undefined => down,
    isHealthy: (nowMs: number, path: string, timeoutMs: number): boolean =>
      down === undefined && isHealthy(appOf(path).pool, nowMs, timeoutMs),
    /** Requests of users that it is working on, roughly. */
    busy: (nowMs: number): number =>
      (isHealthy(main.pool, nowMs, 0) ? 0.1 : 2) * main.visitors.perSecond(nowMs),
    /** Sets whether the balancer sends users to it. */
    setRotation(inRotation: boolean): void {
      for (const { visitors } of apps) visitors.setRotation(inRotation)
    },
    usersPerSecond: (nowMs: number): number =>
      apps.reduce((sum, { visitors }) => sum + visitors.perSecond(nowMs), 0),
  }
}

/** From this length on a pause is a time in which the node answered nobody. */
const leastPauseMs = 500

function createApp(node: string, plan: AppPlan, around: NodeSurroundings, random: Random): App {
  const { scenario, startMs, agenda, log, onTrouble, share } = around
  const { health } = scenario.balancer
  const checked = health?.path.startsWith(plan.path) === true ? { ...health, firstMs: startMs } : undefined
  const visitors = createVisitors(scenario.users, share * plan.userShare, checked, fork(random))
  const workerChance = fork(random)
  const startedMs = startTimes(plan.pool, startMs, scenario.startedTogether, workerChance)
  const surroundings = {
    node,
    app: plan.path,
    agenda,
    visitors,
    log,
    onTrouble,
    workerChance,
    requestChance: fork(random),
  }
  const pool = createPool(plan.pool, startMs, startedMs, surroundings)
  const onPause = (atMs: number, toMs: number) => {
    if (toMs - atMs >= leastPauseMs) log({ kind: 'pause', atMs, toMs, node })
  }
  return { plan, pool, visitors, latency: createLatency(plan.latency, fork(random), onPause) }
}

/** What a warm worker needs for the request; nothing where no worker gets it. */
function warmMs({ latency, pool }: App, admission: Admission): number {
  if (admission.kind !== 'served') return 0
  const { turn, worker } = admission
  const { beginsMs } = turn
  return latency(beginsMs, beginsMs - worker.startedMs) + warmingMs(pool, worker, beginsMs)
}

/** When the workers of a pool that has been up for long were started. */
function startTimes(plan: PoolPlan, startMs: number, together: boolean, random: Random): number[] {
  const oldestMs = plan.recycle.everyMs ?? hourMs
  return Array.from({ length: plan.workers }, () => startMs - (together ? 0.5 : random()) * oldestMs)
}

const kills = (action: NodeAction): boolean =>
  action.kind === 'crash' || (action.kind === 'outage' && (action.restarts || action.how === 'reset'))
