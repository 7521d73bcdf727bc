/** All that was read of a farm's logs. */
import type { LogKind } from '../logs/log_kind.ts'
import type { WorkerEvent } from '../logs/worker_events.ts'
import type { LoggedFarm } from './balancer_log.ts'
import type { Failure, Where } from './failed_request.ts'
import type { NodeLog } from './node_log.ts'
import type { Stall } from './node_stalls.ts'

/** A file, and what reading it came to. */
export interface ReadFile {
  readonly file: string
  readonly kind?: LogKind
  /** The machine it is of. */
  readonly machine?: string
  readonly lines: number
  /** Lines that could not be read. */
  readonly damaged: number
  readonly fields: readonly string[]
  /** Why it, or the rest of it, could not be read. */
  readonly problem?: string
}

/** An entry of HTTPERR that means that a worker or a pool failed. */
export interface HttpError {
  readonly node: string
  readonly atMs: number
  readonly reason: string
  readonly pool: string
  readonly where: Where
}

export interface Evidence {
  /** As sentences name the farm. */
  readonly farm: string
  /** When the balancer was sent its requests; absent where only nodes' logs were given. */
  readonly sent?: LoggedFarm['sent']
  readonly failures: readonly Failure[]
  readonly nodes: readonly NodeLog[]
  readonly stalls: readonly Stall[]
  /** By their places, which mark the failures that they are about. */
  readonly httpErrors: ReadonlyMap<Where, HttpError>
  /** `computer` is the name of a node. */
  readonly workerEvents: readonly WorkerEvent[]
}

/** How many requests were sent from one moment to another: at the balancer, or at all nodes. */
export const sentBetween = ({ sent, nodes }: Evidence, fromMs: number, toMs: number): number =>
  sent === undefined
    ? nodes.reduce((sum, node) => sum + node.sent.between(fromMs, toMs), 0)
    : sent.between(fromMs, toMs)
