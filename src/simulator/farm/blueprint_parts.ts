/** Ordinary parts to build scenarios from; each takes what is to be different. */
import { minuteMs, secondMs } from '../../runtime/duration.ts'
import { roundRobin } from '../balancer/choose_node.ts'
import { arr } from '../balancer/gateway_answer.ts'
import { allNodes } from '../balancer/rotation.ts'
import type {
  AppPlan,
  BalancerPlan,
  CheckPlan,
  LatencyPlan,
  NodePlan,
  PoolPlan,
  Scenario,
} from './blueprint.ts'
import { about } from './chance.ts'

const someMondayMs = Date.UTC(2026, 0, 5)

/** A pool with the defaults that hurt: no preload, a first request of about 6 s; its timers are off. */
export function pool(different: Partial<PoolPlan> = {}): PoolPlan {
  return {
    hosting: 'classic',
    workers: 1,
    spawnMs: about(600),
    coldMs: about(6000, 0.3),
    coldPathMs: about(500, 0.4),
    scatterMs: 200,
    breaksOff: false,
    stopMs: about(1500),
    preload: false,
    overlapped: true,
    recycle: {},
    rapidFail: { crashes: 5, withinMs: 5 * minuteMs, repairMs: 10 * minuteMs },
    queueLength: 1000,
    queueTimeoutMs: 2 * minuteMs,
    tcpLevel: false,
    ...different,
  }
}

/** A page of about 40 ms with some noise, a few slow answers, and a busy afternoon. */
export function latency(different: Partial<LatencyPlan> = {}): LatencyPlan {
  return {
    body: about(40, 0.3),
    tail: { share: 0.002, times: 3, alpha: 2.5 },
    load: 0.3,
    longestMs: 10 * secondMs,
    transferMs: 1,
    ...different,
  }
}

export function app(different: Partial<AppPlan> = {}): AppPlan {
  return { path: '/', pool: pool(), latency: latency(), userShare: 1, ...different }
}

/** Nodes web01, web02 and so on, all alike. */
export function nodes(count: number, ...apps: readonly AppPlan[]): NodePlan[] {
  return Array.from({ length: count }, (_, index) => node(`web0${index + 1}`, ...apps))
}

export function node(name: string, ...apps: readonly AppPlan[]): NodePlan {
  return { name, weight: 1, apps: apps.length === 0 ? [app()] : apps }
}

/** ARR as it is after installation: round robin, 30 s, no retry, no health check. */
export function balancer(different: Partial<BalancerPlan> = {}): BalancerPlan {
  return {
    product: arr,
    algorithm: roundRobin,
    rotation: allNodes,
    hopMs: 1,
    timeoutMs: 30 * secondMs,
    retry: 'never',
    ...different,
  }
}

export function check(different: Partial<CheckPlan> = {}): CheckPlan {
  return {
    name: 'home',
    path: '/',
    intervalMs: 5 * secondMs,
    timeoutMs: 30 * secondMs,
    canary: false,
    targets: ['balancer', 'node'],
    ...different,
  }
}

/** What a scenario shows, and how it differs from an ordinary farm. */
export type Sketch = Pick<Scenario, 'about'> & Partial<Omit<Scenario, 'name'>>

/** Four nodes behind ARR with some users, watched every 5 s; nothing ever happens to them. */
export function scenario(name: string, about: string, different: Partial<Scenario> = {}): Scenario {
  return {
    name,
    about,
    startMs: someMondayMs,
    nodes: nodes(4),
    balancer: balancer(),
    users: { perSecond: 2, night: 0.05 },
    happenings: [],
    checks: [check()],
    networkMs: 1,
    identity: true,
    servedBy: 'header',
    startedTogether: false,
    ...different,
  }
}
