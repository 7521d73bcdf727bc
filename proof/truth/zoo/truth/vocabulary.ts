/**
 * What really happened to a farm, in the words of the simulator's truth and a few more: real servers have several workers
 * that are replaced one by one, and stand still for other reasons than a start.
 */
import type {
  BalancerErrorTruth,
  FirstRequestTruth,
  OutageTruth,
  RecycleTruth,
  TruthEvent,
} from '../../../../src/simulator/farm/true_events.ts'

/** A new worker; of a node with several each exchange is one, and `worker` says whose place it took. */
export interface WorkerTruth extends RecycleTruth {
  /** When the worker before it took its last request or ended; the later of both is what is known best. */
  readonly lastMs: number
  /** When it had answered the first of those who waited for it; when it could have, where nobody did. */
  readonly warmMs: number
  /** When the last of those who waited was answered, and whoever had to wait behind them. */
  readonly drainedMs: number
  /** How many workers its node had, itself included. */
  readonly of: number
  /** It took nobody's place: the server started one more because many came at once. */
  readonly grown: boolean
}

export interface LoggedFirstRequest extends FirstRequestTruth {
  /** The token of the worker that answered it. */
  readonly token: string
  /** The X-Farmprobe-Id it carried; empty where it carried none. */
  readonly id: string
}

/** `start`: no worker was ready. `pause`: the workers stood still. `busy`: every worker was busy with one slow request. */
type StallCause = 'start' | 'pause' | 'busy'

/** A span in which a node answered nobody. */
export interface NodeStallTruth {
  readonly kind: 'node_stall'
  readonly node: string
  readonly cause: StallCause
  /** From here on it could not answer. */
  readonly atMs: number
  /** The first answer after it. */
  readonly toMs: number
  /** Ids of the requests that kept it busy, and so waited for nobody but themselves. */
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
