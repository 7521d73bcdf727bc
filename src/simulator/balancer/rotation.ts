/** Which nodes a balancer sends requests to. */
import type { Random } from '../../runtime/random.ts'
import type { LogTruth } from '../farm/true_events.ts'

/** A node, as those see it that take it out of rotation. */
export interface Member {
  readonly name: string
  isHealthy(nowMs: number, path: string, timeoutMs: number): boolean
  usersPerSecond(nowMs: number): number
  setRotation(isIn: boolean): void
}

export interface Rotation {
  isIn(node: Member): boolean
  /** A node may have got into trouble: check its health until it is over. */
  watch(node: Member, nowMs: number): void
  /** A request that the balancer passed to the node failed, or did not. */
  report(node: Member, nowMs: number, failed: boolean): void
}

export interface RotationNeeds {
  /** How long the balancer waits for a node's first byte. */
  readonly timeoutMs: number
  readonly startMs: number
  readonly agenda: { at(atMs: number, run: (nowMs: number) => void): void }
  readonly log: LogTruth
  readonly random: Random
}

/** All nodes, whatever happens to them: ARR as it is after installation. */
export const allNodes = (): Rotation => ({ isIn: () => true, watch: () => {}, report: () => {} })
