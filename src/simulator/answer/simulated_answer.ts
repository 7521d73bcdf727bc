import type { Cause } from '../../model/incident.ts'
import type { NodeOutageKind } from '../farm/blueprint.ts'
import type { Page } from './pages.ts'

/** The node and the cause to blame, should this answer make a balancer fail. */
export interface Blame {
  /** `balancer` for the balancer itself. */
  readonly node: string
  /** Every node that may rightly be blamed. */
  readonly nodes: readonly string[]
  readonly cause: Cause
  readonly alsoRight: readonly Cause[]
}

/** An answer with a status line. Times are in milliseconds. */
export interface Served {
  readonly kind: 'served'
  readonly page: Page
  readonly connectMs: number
  /** Request sent to first byte. */
  readonly firstByteMs: number
  readonly transferMs: number
  /** The node that made the page; undefined when the balancer made it. */
  readonly node: string | undefined
  /** The worker that made it; undefined when the kernel or the balancer did. */
  readonly token: string | undefined
  readonly blame: Blame
}

export type FailureKind = Exclude<NodeOutageKind, 'status_500'>

/** No answer. */
export interface Failed {
  readonly kind: 'failed'
  readonly how: FailureKind
  readonly connectMs: number
  /** Request sent to failure; Infinity when nothing ever comes. */
  readonly afterMs: number
  readonly node: string | undefined
  readonly blame: Blame
}

export type Answer = Served | Failed

export type NodeBlames = ReturnType<typeof blamesOf>

/** What one node may be blamed for, made once. */
export function blamesOf(node: string) {
  const blame = (cause: Cause, ...alsoRight: Cause[]): Blame => ({ node, nodes: [node], cause, alsoRight })
  return {
    /** A warm worker that took longer than the balancer waits. */
    slow: blame('timeout'),
    /** The first request after an idle stop. */
    idleStart: blame('cold_start'),
    /** The first request of a worker that replaced another. */
    coldStart: blame('cold_start', 'recycle'),
    recycle: blame('recycle'),
    crash: blame('recycle', 'node_down'),
    /** A queue for a cold worker that overflowed, or took too long. */
    queue: blame('cold_start', 'recycle', 'node_down'),
    down: blame('node_down'),
    /** Cut off by a machine that went down, or an application that was taken offline. */
    cutOff: blame('node_down', 'recycle'),
    /** A node that does not answer at all. */
    silent: blame('node_down', 'timeout'),
  }
}
