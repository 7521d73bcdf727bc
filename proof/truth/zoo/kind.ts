/** What a kind of the zoo is: a real server, how it restarts, and what is around it. */

import type { Random } from '../../../src/runtime/random.ts'
import type { RecycleCause } from '../../../src/simulator/farm/true_events.ts'
import type { Window } from '../pairing.ts'
import type { BalancerPlan } from './balancers/balancer.ts'
import type { Program, Running } from './run/processes.ts'

/** A program, and the Debian package that brings it. */
export type Needed = readonly [program: string, debianPackage: string]

export interface Kind {
  readonly name: string
  /** One sentence: which server, how it restarts, what is special. */
  readonly about: string
  readonly needs: readonly Needed[]
  /** Three unless given. */
  readonly nodes?: number
  /** How long a new worker needs before its first answer, in milliseconds. */
  readonly coldMs: number
  /** How long the page that is slow by nature takes, in milliseconds. */
  readonly slowMs: number
  /** Of each node: what can answer at the same time. */
  readonly concurrency: Concurrency
  /** Why its workers are replaced, unless a deed says otherwise. */
  readonly cause: RecycleCause
  readonly balancer: BalancerPlan
  readonly users: UserPlan
  /** Its listening socket goes with its process: while it restarts, connections are refused. */
  readonly refuses?: boolean
  /** Between farmprobe and all targets. */
  readonly weather?: WeatherPlan
  /** What befalls farmprobe's own process. */
  readonly prober?: ProberPlan
  /** What is done to nodes. */
  readonly deeds?: (timetable: Timetable) => readonly Deed[]
  startNode(setting: NodeSetting): Promise<NodeServer>
  /**
   * How much of a processor a farm of it takes, in percent; `alone`: it disturbs whatever runs beside it. Farms run at
   * the same time as long as there is enough for all.
   */
  readonly cpuPercent: number | 'alone'
}

export interface Concurrency {
  readonly workers: number
  /** Requests that one worker answers at the same time. */
  readonly threads: number
  /** The server starts more workers when many come at once, and ends them when few do. */
  readonly grows?: boolean
}

export interface UserPlan {
  /** Over the whole farm. */
  readonly perSecond: number
  /** After so many seconds nobody comes for so long, again and again. */
  readonly pauses?: { readonly everyS: number; readonly forS: number }
}

export interface WeatherPlan {
  readonly everyS: number
  readonly forS: number
  /** What a packet takes longer at most, in milliseconds. */
  readonly delayMs: number
  /** The share of packets that have to be sent again. */
  readonly loss: number
}

export type ProberPlan =
  /** SIGSTOP, again and again. */
  | {
      readonly kind: 'stopped'
      readonly everyS: number
      readonly forMs: readonly [least: number, most: number]
    }
  /** So many busy loops beside it for each processor. */
  | { readonly kind: 'starved'; readonly everyS: number; readonly forS: number; readonly hogs: number }

/** Something that is done to a node in the way in which its administrator would do it. */
export interface Deed {
  /** Since what counts began, in seconds. */
  readonly atS: number
  readonly node: string
  /** One of the deeds that its server knows. */
  readonly deed: string
}

/** What deeds are planned with. */
export interface Timetable {
  readonly random: Random
  readonly nodes: readonly string[]
  readonly forS: number
}

/** What a node of a farm is started with. */
export interface NodeSetting {
  /** Such as `web01`. */
  readonly name: string
  readonly index: number
  readonly host: string
  readonly port: number
  /** A folder of its own, which anybody may enter. */
  readonly dir: string
  /** What the application is told: where its log is, how slow it is, what it shows. */
  readonly env: Readonly<Record<string, string>>
  readonly random: Random
  /** Requests that reach a node within so many seconds, more or less. */
  requestsIn(seconds: number): number
  start(program: Program): Promise<Running>
}

export interface NodeServer {
  readonly deeds?: Readonly<Record<string, () => unknown>>
  /** What the server wrote down beside the application. */
  readonly logs?: () => ServerLogs
}

export interface ServerLogs {
  /** The server's own access log. */
  readonly requests?: readonly AccessLine[]
  /** Ends of processes that the application could not note. */
  readonly ends?: readonly { readonly pid: number; readonly atMs: number }[]
  /** When nothing ran in it. */
  readonly pauses?: readonly Window[]
}

/** A line of a server's own access log. */
export interface AccessLine {
  readonly id: string
  /** When it reached the server, wall milliseconds. */
  readonly atMs: number
  readonly tookMs: number
  readonly status: number
}
