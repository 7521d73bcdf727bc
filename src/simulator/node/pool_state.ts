import type { Random } from '../../runtime/random.ts'
import type { PoolPlan } from '../farm/blueprint.ts'
import type { Agenda } from '../farm/happenings.ts'
import type { LogTruth, RecycleCause, Sender } from '../farm/true_events.ts'
import type { Visitors } from '../farm/visitors.ts'
import type { Worker } from './worker_process.ts'

/** What a pool needs of the farm around it. */
export interface Surroundings {
  readonly node: string
  /** The path of the application. */
  readonly app: string
  readonly agenda: Agenda
  readonly visitors: Visitors
  readonly log: LogTruth
  /** Called when requests begin to fail or to wait, so that a balancer's health checks look closer. */
  readonly onTrouble: (nowMs: number) => void
  /** For what happens to workers. */
  readonly life: Random
  /** For what happens to requests. */
  readonly chance: Random
}

/** An application pool as it stands; the functions of pool, recycling, idling and breakdown change it. */
export interface PoolState extends Surroundings {
  readonly plan: PoolPlan
  /**
   * `up`: it takes requests, and starts the workers it lacks when asked. `suspended`: paged out. `offline`: behind
   * app_offline.htm. `disabled`: by rapid-fail protection. `off`: as is the machine.
   */
  mode: 'up' | 'suspended' | 'offline' | 'disabled' | 'off'
  /** The workers that serve, by slot. */
  readonly slots: (Worker | undefined)[]
  /** The workers that are to replace them. */
  readonly incoming: (Worker | undefined)[]
  /** Why the next worker that is started on demand is needed. */
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
