/** A kind of the zoo: a real server, how it restarts, and what surrounds it. */
import type { Random } from '../../../src/runtime/random.ts'
import type { RecycleCause } from '../../../src/simulator/farm/true_events.ts'
import type { Window } from '../scores/windows.ts'
import type { BalancerPlan } from './balancers/balancer.ts'
import type { Program, Running } from './run/processes.ts'

/** A program or a file, and the Debian package that installs it. */
export type Needed = readonly [program: string, debianPackage: string]

export interface Kind {
  readonly name: string
  /** One line: how workers are replaced, and what is special. */
  readonly about: string
  readonly needs: readonly Needed[]
  /** Three unless given. */
  readonly nodes?: number
  /** The time from a worker's start to its first answer, in milliseconds. */
  readonly coldMs: number
  /** The time of the page that is slow by nature, in milliseconds. */
  readonly slowMs: number
  /** How many requests a node answers at the same time. */
  readonly concurrency: Concurrency
  /** Why workers are replaced when no action was taken. */
  readonly cause: RecycleCause
  readonly balancer: BalancerPlan
  readonly users: UserPlan
  /** The listening socket closes with the process: connections are refused during a restart. */
  readonly refuses?: boolean
  /** Network trouble between farmprobe and all targets. */
  readonly weather?: WeatherPlan
  /** Trouble of farmprobe's own process. */
  readonly disturbance?: DisturbancePlan
  /** What an administrator does to the nodes. */
  readonly actions?: (timetable: Timetable) => readonly Action[]
  startNode(setting: NodeSetting): Promise<NodeServer>
  /**
   * Processor time that one farm takes, in percent of one processor; `alone`: it disturbs every farm beside it. Farms run
   * at the same time while their sum is small enough.
   */
  readonly cpuPercent: number | 'alone'
}

export interface Concurrency {
  readonly workers: number
  /** Requests that one worker answers at the same time. */
  readonly threads: number
  /** The server adds workers under load and removes idle ones. */
  readonly grows?: boolean
}

export interface UserPlan {
  /** Requests a second, over the whole farm. */
  readonly perSecond: number
  /** Every `everyS` seconds there are no users for `forS` seconds. */
  readonly pauses?: { readonly everyS: number; readonly forS: number }
}

export interface WeatherPlan {
  readonly everyS: number
  readonly forS: number
  /** The longest extra delay of a packet, in milliseconds. */
  readonly delayMs: number
  /** The share of packets that are retransmitted. */
  readonly loss: number
}

export type DisturbancePlan =
  /** SIGSTOP, every `everyS` seconds on average. */
  | {
      readonly kind: 'stopped'
      readonly everyS: number
      readonly forMs: readonly [least: number, most: number]
    }
  /** Busy loops beside it, so many for each processor. */
  | { readonly kind: 'starved'; readonly everyS: number; readonly forS: number; readonly loops: number }

/** Something an administrator does to a node. */
export interface Action {
  /** Seconds since the start of the scored time. */
  readonly atS: number
  readonly node: string
  /** A key of the node's `actions`. */
  readonly action: string
}

/** What actions are planned from. */
export interface Timetable {
  readonly random: Random
  readonly nodes: readonly string[]
  readonly forS: number
}

/** What a node is started with. */
export interface NodeSetting {
  /** Such as `web01`. */
  readonly name: string
  readonly index: number
  readonly host: string
  readonly port: number
  /** A folder of its own, open to every user. */
  readonly dir: string
  /** Environment of the application: the path of its log, and its times. */
  readonly env: Readonly<Record<string, string>>
  readonly random: Random
  /** Requests that a node receives within so many seconds, roughly. */
  requestsIn(seconds: number): number
  start(program: Program): Promise<Running>
}

export interface NodeServer {
  readonly actions?: Readonly<Record<string, () => unknown>>
  /** What the server wrote beside the application's log. */
  readonly logs?: () => ServerLogs
}

export interface ServerLogs {
  /** The server's own access log. */
  readonly requests?: readonly AccessLine[]
  /** Ends of processes that could not log their end themselves. */
  readonly ends?: readonly { readonly pid: number; readonly atMs: number }[]
  /** Times at which the whole process stood still. */
  readonly pauses?: readonly Window[]
}

/** A line of a server's own access log. */
export interface AccessLine {
  readonly id: string
  /** When the request reached the server, wall milliseconds. */
  readonly atMs: number
  readonly tookMs: number
  readonly status: number
}
