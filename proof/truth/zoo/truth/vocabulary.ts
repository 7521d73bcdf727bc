/**
 * What really happened to a farm: the simulator's vocabulary, extended for real servers, whose workers are replaced one by
 * one and which stall for other reasons than a start.
 */
import type {
  BalancerErrorTruth,
  FirstRequestTruth,
  OutageTruth,
  RecycleTruth,
  TruthEvent,
} from '../../../../src/simulator/farm/true_events.ts'

/** A new worker. A node with several workers has one for each replacement; `worker` is the place it took. */
export interface WorkerTruth extends RecycleTruth {
  /** When the worker before it ended; its last request, where the end was not logged. */
  readonly lastMs: number
  /** The end of the first answer to a waiting request; when the worker was ready, where no request waited. */
  readonly warmMs: number
  /** The end of the last answer to a waiting request, and to those that queued behind it. */
  readonly drainedMs: number
  /** The number of workers of the node. */
  readonly of: number
  /** It replaced no worker: the server added one under load. */
  readonly grown: boolean
}

export interface LoggedFirstRequest extends FirstRequestTruth {
  /** The token of the worker that answered. */
  readonly token: string
  /** Its X-Farmprobe-Id; empty for a request without. */
  readonly id: string
}

/**
 * `start`: no worker was ready. `pause`: the process stood still. `busy`: a slow request occupied every worker. `network`: no
 * packet of ours passed.
 */
type StallCause = 'start' | 'pause' | 'busy' | 'network'

/** A span without any answer of a node. */
export interface NodeStallTruth {
  readonly kind: 'node_stall'
  readonly node: string
  readonly cause: StallCause
  /** The start of the span in which no worker could answer. */
  readonly atMs: number
  /** The end of the first answer after it. */
  readonly toMs: number
  /** Ids of the requests that occupied the workers: they did not wait for others. */
  readonly busyWith: readonly string[]
}

export type ZooTruth =
  | Exclude<TruthEvent, RecycleTruth | FirstRequestTruth>
  | WorkerTruth
  | LoggedFirstRequest
  | NodeStallTruth

export type { BalancerErrorTruth, OutageTruth }

export const ofKind = <Kind extends ZooTruth['kind']>(truth: readonly ZooTruth[], kind: Kind) =>
  truth.filter((event) => event.kind === kind) as Extract<ZooTruth, { kind: Kind }>[]
