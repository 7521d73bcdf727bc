/** A simulated farm as plain data: what it is made of and what happens to it. */
import type { Role } from '../../model/farm.ts'
import type { Algorithm } from '../balancer/choose_node.ts'
import type { Product, Retry } from '../balancer/gateway_answer.ts'
import type { Rotation, RotationNeeds } from '../balancer/rotation.ts'
import type { Spread } from './chance.ts'
import type { OutageKind } from './true_events.ts'

export interface PoolPlan {
  /** `classic`: ASP.NET; the others are ASP.NET Core, which may answer errors while it is shut down. */
  readonly hosting: 'classic' | 'in_process' | 'out_of_process'
  /** Worker processes; more than one is a web garden. */
  readonly workers: number
  /** From the start of a process until it can take a request. */
  readonly spawnMs: Spread
  /** What a worker's first request waits for after that. */
  readonly coldMs: Spread
  /** What the first request of any further path waits for. */
  readonly coldPathMs: Spread
  /** Requests that waited for the same start are answered up to so long after one another. */
  readonly scatterMs: number
  /** A new worker is slow at first: what its first request takes longer, and after how many a third of that is left. */
  readonly warmUp?: { readonly extraMs: Spread; readonly requests: number }
  /** Requests that the old worker has not answered are reset when it is replaced. */
  readonly breaksOff: boolean
  /** How long an old worker takes to stop; requests wait for that when recycles do not overlap. */
  readonly stopMs: Spread
  /**
   * AlwaysRunning and preloadEnabled: a worker is warm before it takes over, and is started without being
   * asked for.
   */
  readonly preload: boolean
  readonly overlapped: boolean
  /** Absent: the pool never idles out. */
  readonly idle?: {
    readonly afterMs: number
    readonly action: 'terminate' | 'suspend'
    /** What waking a suspended worker costs the first request. */
    readonly wakeMs: Spread
  }
  readonly recycle: {
    /** Since the worker's start; IIS has 29 h. */
    readonly everyMs?: number
    /** Minutes of the day, UTC. */
    readonly atMinutes?: readonly number[]
    /** Requests served, users' included. */
    readonly requests?: number
  }
  /** While a recycle shuts the old application down, this share of the requests still reaches it and gets an error. */
  readonly shutdownNotice?: { readonly forMs: Spread; readonly share: number }
  /** So many crashes within the time disable the pool until somebody repairs it. */
  readonly rapidFail: { readonly crashes: number; readonly withinMs: number; readonly repairMs: number }
  /** Requests that wait for a worker; beyond it the kernel answers 503. */
  readonly queueLength: number
  /** A request that waits longer than this is dropped without an answer. */
  readonly queueTimeoutMs: number
  /** loadBalancerCapabilities: TcpLevel closes the connection where HttpLevel answers 503. */
  readonly tcpLevel: boolean
}

/** How long a warm worker needs, on its own, for the first byte. */
export interface LatencyPlan {
  readonly body: Spread
  /** A share of the requests takes many times longer (Pareto). */
  readonly tail: { readonly share: number; readonly times: number; readonly alpha: number }
  /** A second kind of answer: the page that sometimes asks the slow database. */
  readonly hump?: { readonly share: number; readonly body: Spread }
  /** Stop-the-world pauses of the worker. */
  readonly gc?: { readonly everyMs: number; readonly pause: Spread }
  /** Relative rise at the daily peak; 0.5 is half as slow again. */
  readonly load: number
  /** Relative rise per hour of the worker's age, up to a limit: a leak that a recycle cures. */
  readonly ageing?: { readonly perHour: number; readonly limit: number }
  /** No request takes longer once it is worked on, pauses aside: the application gives up its own slow calls. */
  readonly longestMs: number
  /** From first byte to last. */
  readonly transferMs: number
}

/** An application of a node: requests whose path starts with `path` go to its pool. */
export interface AppPlan {
  readonly path: string
  readonly pool: PoolPlan
  readonly latency: LatencyPlan
  /** The share of the users' requests that it gets, 0 to 1. */
  readonly userShare: number
}

export interface NodePlan {
  readonly name: string
  /** A whole number: its share of the users, beside those of the others. */
  readonly weight: number
  /** Longest path first. */
  readonly apps: readonly AppPlan[]
}

export interface BalancerPlan {
  readonly product: Product
  readonly algorithm: Algorithm
  readonly hopMs: number
  /** How long it waits for a node's first byte. ARR: 30 s. */
  readonly timeoutMs: number
  readonly retry: Retry
  readonly health?: HealthPlan
  readonly rotation: (needs: RotationNeeds) => Rotation
}

/** Asks `path` of every node; wakes their pools while it is at it. */
export interface HealthPlan {
  readonly path: string
  readonly everyMs: number
  readonly timeoutMs: number
  readonly fall: number
  readonly rise: number
}

/** Users' requests, arriving independently at the balancer, fewer at night. Modelled, never sent. */
export interface UserPlan {
  /** At the daily peak, over the whole farm. */
  readonly perSecond: number
  /** What is left of it at night, 0 to 1. */
  readonly night: number
}

/** When something happens. Offsets count from the start of the simulation. */
export type When =
  | { readonly kind: 'at'; readonly offsetsMs: readonly number[] }
  | { readonly kind: 'every'; readonly everyMs: number; readonly firstMs: number }
  | { readonly kind: 'random'; readonly meanMs: number }
  | { readonly kind: 'daily'; readonly minutes: readonly number[] }

/** `all` of them at the same moment, `any` one drawn each time, or these, at the same moment. */
export type Which = 'all' | 'any' | readonly string[]

export type NodeAction =
  /** `app`: the path of the application, `/` unless given. */
  | { readonly kind: 'recycle'; readonly cause: 'demand' | 'config'; readonly app?: string }
  | { readonly kind: 'crash'; readonly app?: string }
  /** `restarts`: the worker ends with it, so there is a new one after it. */
  | {
      readonly kind: 'outage'
      readonly how: NodeOutageKind
      readonly forMs: Spread
      readonly restarts: boolean
    }

export type NodeOutageKind = Exclude<OutageKind, 'app_offline' | 'pool_disabled' | 'queue_full' | 'gateway'>

export type FarmAction =
  | {
      readonly kind: 'deploy'
      readonly by: 'recycle' | 'app_offline'
      readonly gapMs: number
      readonly forMs: Spread
    }
  | { readonly kind: 'weather'; readonly add: Spread; readonly loss: number; readonly forMs: Spread }
  | { readonly kind: 'stall'; readonly forMs: Spread }
  /** The balancer's own pool recycles: it answers errors whatever the nodes do. */
  | { readonly kind: 'balancer_recycle'; readonly forMs: Spread }

export type Happening =
  | { readonly when: When; readonly nodes: Which; readonly what: NodeAction }
  | { readonly when: When; readonly what: FarmAction }

export interface CheckPlan {
  readonly name: string
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Rarer than the idle time-out, to meet real cold starts. */
  readonly canary: boolean
  readonly targets: readonly Role[]
}

export interface Scenario {
  readonly name: string
  /** One sentence: what it shows. */
  readonly about: string
  /** The first moment, wall milliseconds, in virtual time; on sockets the farm starts when it is started. */
  readonly startMs: number
  readonly nodes: readonly NodePlan[]
  readonly balancer: BalancerPlan
  readonly users: UserPlan
  readonly happenings: readonly Happening[]
  readonly checks: readonly CheckPlan[]
  /** Round trip between prober and targets. */
  readonly networkMs: number
  /** Whether the application shows which worker answered (X-Worker). */
  readonly identity: boolean
  /**
   * How an answer through the balancer shows its node: header X-Node, the cookie ARRAffinity, by which the balancer sends
   * a client to the same node again, or not.
   */
  readonly servedBy: 'header' | 'cookie' | 'none'
  /** Whether the workers of all nodes were started in the same second, as after a reboot. */
  readonly startedTogether: boolean
}
