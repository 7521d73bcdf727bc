/** What really happened on a simulated farm: the log that a scorer holds the detectors' events against. */
import type { Cause } from '../../model/incident.ts'

export type RecycleCause =
  | 'idle'
  | 'time'
  | 'schedule'
  | 'requests'
  | 'crash'
  | 'deploy'
  | 'demand'
  | 'config'

/** How a node or a balancer fails while it is out of order. */
export type OutageKind =
  | 'refused'
  | 'reset'
  | 'closed'
  | 'unanswered'
  | 'unreachable'
  | 'garbage'
  | 'status_500'
  | 'app_offline'
  | 'pool_disabled'
  | 'queue_full'
  | 'gateway'

/** Who sent a request: farmprobe, a user, or a balancer's health check. */
export type Sender = 'probe' | 'user' | 'health'

/** A new worker process. A suspended worker that wakes up is none. */
export interface RecycleTruth {
  readonly kind: 'recycle'
  /** When the new process was started, wall milliseconds; after an idle stop that is at the next request. */
  readonly atMs: number
  readonly node: string
  /** The path of the application whose pool it is. */
  readonly app: string
  readonly cause: RecycleCause
  /** When it takes over. Until then the old worker serves (overlapped), or requests queue. */
  readonly servesMs: number
  /** Which of a web garden's workers, from 0. */
  readonly worker: number
  readonly token: string
  readonly overlapped: boolean
  /** Warm before it takes over: no request is slow because of it. */
  readonly preloaded: boolean
  /** What its first request has to wait for once the process is up, in milliseconds; 0 when preloaded. */
  readonly coldMs: number
  /** The period of the recycle timer, in milliseconds, when that is the cause. */
  readonly periodMs?: number
}

/** A request that waited for a worker's application to start, or for its path to be compiled. */
export interface FirstRequestTruth {
  readonly kind: 'first_request'
  /** When it reached the node. */
  readonly atMs: number
  readonly node: string
  readonly app: string
  readonly path: string
  /** `worker`: the first of a new worker; `path`: the first of its path only; `wake`: of a suspended worker. */
  readonly of: 'worker' | 'path' | 'wake'
  readonly from: Sender
  /** How long it waited before it was worked on, in milliseconds. */
  readonly ms: number
}

/** A pool that had nothing to do for its idle time-out. */
interface IdleTruth {
  readonly kind: 'idle'
  readonly atMs: number
  readonly node: string
  readonly app: string
  readonly action: 'terminate' | 'suspend'
}

/** A span in which a target fails; logged when it begins. */
export interface OutageTruth {
  readonly kind: 'outage'
  readonly atMs: number
  readonly toMs: number
  /** `balancer` for the balancer. */
  readonly target: string
  readonly how: OutageKind
}

/**
 * A span after a recycle in which a share of the requests still reaches the stopping application and gets an
 * error.
 */
interface ShutdownNoticeTruth {
  readonly kind: 'shutdown_notice'
  readonly atMs: number
  readonly toMs: number
  readonly node: string
  readonly share: number
}

/** An error (502, 503 or 504) that a probe met at the balancer, or its time-out there (status 0). */
export interface BalancerErrorTruth {
  readonly kind: 'balancer_error'
  /** When the request reached the balancer. */
  readonly atMs: number
  /** The request's X-Farmprobe-Id. */
  readonly id: string
  readonly status: number
  /** The node that made it happen; `balancer` when the balancer itself did. */
  readonly node: string
  /** Every node that may rightly be blamed: several when the last of them was already out of rotation. */
  readonly nodes: readonly string[]
  readonly cause: Cause
  /** Other names of the same cause that are right too: a cold start after a recycle is also the recycle. */
  readonly alsoRight: readonly Cause[]
  readonly firstByteMs: number
}

/** The balancer took a node out of rotation, or put it back. */
interface RotationTruth {
  readonly kind: 'rotation'
  readonly atMs: number
  readonly node: string
  readonly inRotation: boolean
}

/** The network between prober and farm is slow, for every target at once. */
interface WeatherTruth {
  readonly kind: 'weather'
  readonly atMs: number
  readonly toMs: number
  readonly addMs: number
}

interface StallTruth {
  readonly kind: 'stall'
  readonly atMs: number
  readonly toMs: number
}

/** A worker that stood still for half a second or longer and goes on as it was, as for garbage collection; logged when a request meets it. */
interface PauseTruth {
  readonly kind: 'pause'
  readonly atMs: number
  readonly toMs: number
  readonly node: string
}

interface DeployTruth {
  readonly kind: 'deploy'
  readonly atMs: number
  /** When the last node is begun. */
  readonly toMs: number
  readonly nodes: readonly string[]
}

export type TruthEvent =
  | RecycleTruth
  | FirstRequestTruth
  | IdleTruth
  | OutageTruth
  | ShutdownNoticeTruth
  | BalancerErrorTruth
  | RotationTruth
  | WeatherTruth
  | StallTruth
  | PauseTruth
  | DeployTruth

/** Where the parts of the model write what they did. */
export type LogTruth = (event: TruthEvent) => void
