import type { Random } from '../../runtime/random.ts'
import type { Agenda } from '../farm/agenda.ts'
import type { PoolPlan } from '../farm/blueprint.ts'
import type { LogTruth, RecycleCause, Sender } from '../farm/true_events.ts'
import type { Visitors } from '../farm/visitors.ts'

export interface Worker {
  /** Place in its web garden, from 0. */
  readonly slot: number
  /** What the application shows of it: process id and start time. */
  readonly token: string
  readonly startedMs: number
  /** When the process takes requests. */
  readonly servesMs: number
  /** What its first request waits for after that. */
  readonly coldMs: number
  /** When the application has started; undefined before its first request. */
  readyMs: number | undefined
  /** When the queue for it overflows, if it is not ready before; undefined while no request waits. */
  overflowMs: number | undefined
  /** Requests that it has been given since it was ready, without the users'. */
  answered: number
  /** When each path is, or will be, warm. */
  readonly pathsMs: Map<string, number>
  /** Up since before the simulation: every path is warm. */
  readonly warmedBefore: boolean
  readonly cause: RecycleCause
}

export interface Surroundings {
  readonly node: string
  /** The path of the application. */
  readonly app: string
  readonly agenda: Agenda
  readonly visitors: Visitors
  readonly log: LogTruth
  /** Called when requests begin to fail or to wait, so that the balancer checks the node's health. */
  readonly onTrouble: (nowMs: number) => void
  /** For what happens to workers. */
  readonly workerChance: Random
  /** For what happens to requests. */
  readonly requestChance: Random
}

export interface PoolState extends Surroundings {
  readonly plan: PoolPlan
  /**
   * `up`: it takes requests, and starts the workers it lacks when asked. `suspended`: paged out. `offline`: behind
   * app_offline.htm. `disabled`: by rapid-fail protection. `off`: as is the machine.
   */
  mode: 'up' | 'suspended' | 'offline' | 'disabled' | 'off'
  /** The workers that serve, by slot. */
  readonly slots: (Worker | undefined)[]
  readonly incoming: (Worker | undefined)[]
  nextCause: RecycleCause
  lastRequestMs: number
  /** Requests since the last new worker. */
  served: number
  /** Until then some requests still reach an application that shuts down. */
  noticeUntilMs: number
  crashesMs: readonly number[]
  visitorDue: boolean
  idlenessWatched: boolean
  /** A request that is not farmprobe's. */
  readonly visit: (nowMs: number, from: Sender) => void
}

/** Whether it can have workers. */
export const isRunning = (pool: PoolState): boolean => pool.mode === 'up' || pool.mode === 'suspended'

export const hasWorker = (pool: PoolState): boolean => pool.slots.some((worker) => worker !== undefined)
