import type { Random } from '../../runtime/random.ts'
import type { PoolPlan } from '../farm/blueprint.ts'
import { drawMs } from '../farm/chance.ts'
import type { RecycleCause } from '../farm/true_events.ts'
import type { Visitors } from '../farm/visitors.ts'

/** One worker process of a pool. */
export interface Worker {
  /** Place in its web garden, from 0. */
  readonly slot: number
  /** What the application shows of it: process id and start time. */
  readonly token: string
  readonly bornMs: number
  /** When the process takes requests. */
  readonly servesMs: number
  /** What its first request waits for after that. */
  readonly coldMs: number
  /** When the application has started; undefined while nobody has asked it for anything. */
  readyMs: number | undefined
  /** When the queue for it overflows, if it is not ready before; undefined while nobody waits. */
  overflowMs: number | undefined
  /** When each path is, or will be, warm. */
  readonly pathsMs: Map<string, number>
  /** Up since before the simulation: every path is warm. */
  readonly seasoned: boolean
  /** Why there is this worker. */
  readonly cause: RecycleCause
}

/** What a request meets at a worker. */
export interface Turn {
  /** When work on it begins. */
  readonly beginsMs: number
  /**
   * What the request had to warm up; undefined when it only queued behind another, or found everything warm.
   */
  readonly firstOf: 'worker' | 'path' | undefined
  /** It waited, or made others wait, for a cold worker. */
  readonly cold: boolean
}

/** How many paths users ask for, about equally: what warms a path that farmprobe also asks for. */
const pathsOfUsers = 20

/**
 * Lets a request in. Several that come while the application starts all wait for the same moment, and that moment
 * does not depend on how many they are.
 */
export function ask(
  worker: Worker,
  nowMs: number,
  path: string,
  plan: PoolPlan,
  visitors: Visitors,
  random: Random,
): Turn {
  if (worker.readyMs === undefined) {
    worker.readyMs = Math.max(nowMs, worker.servesMs) + worker.coldMs
    worker.pathsMs.set(path, worker.readyMs)
    return { beginsMs: worker.readyMs, firstOf: 'worker', cold: true }
  }
  const known = worker.pathsMs.get(path) ?? (worker.seasoned ? 0 : undefined)
  if (known !== undefined) {
    const warmMs = Math.max(known, worker.readyMs)
    return { beginsMs: Math.max(nowMs, warmMs), firstOf: undefined, cold: warmMs > nowMs }
  }
  return firstOfPath(worker, worker.readyMs, nowMs, path, plan, visitors, random)
}

function firstOfPath(
  worker: Worker,
  readyMs: number,
  nowMs: number,
  path: string,
  plan: PoolPlan,
  visitors: Visitors,
  random: Random,
): Turn {
  const userMs = visitors.firstUser(readyMs, nowMs, pathsOfUsers)
  const warmMs = Math.max(readyMs, userMs ?? nowMs) + drawMs(plan.coldPathMs, random)
  worker.pathsMs.set(path, warmMs)
  const firstOf = userMs === undefined ? 'path' : undefined
  return { beginsMs: Math.max(nowMs, warmMs), firstOf, cold: warmMs > nowMs }
}
