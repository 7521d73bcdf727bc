/** What the detectors know of one node over all its checks. */

import type { Outcome } from '../model/outcome.ts'
import { createHistory, type History } from './recent_answers.ts'
import type { Suspicion } from './recycle/cold_start.ts'
import type { FirstRequests } from './recycle/first_request.ts'
import { createRecycles, type RecycleState } from './recycle/recycle.ts'

export interface NodeWatch {
  readonly name: string
  readonly history: History
  readonly recycles: RecycleState
  suspicion: Suspicion | undefined
  expected: FirstRequests[]
  /** Moving average of what reaching the node takes, connection and TLS, in milliseconds. */
  connectMs: number
}

/** A node that has not been probed yet. */
export const createNodeWatch = (name: string): NodeWatch => ({
  name,
  history: createHistory(),
  recycles: createRecycles(),
  suspicion: undefined,
  expected: [],
  connectMs: Number.NaN,
})

/** Weight of the newest sample in the moving average of connection times. */
const weight = 0.05
/** So far a sample counts beyond the average, in milliseconds: minutes of bad weather must not look like the usual. */
const capMs = (averageMs: number) => 2 * averageMs + 10

export function noteReach(node: NodeWatch, outcome: Outcome): void {
  const ms = reachMs(outcome)
  if (outcome.suspect || ms === undefined) return
  const { connectMs } = node
  node.connectMs = Number.isNaN(connectMs)
    ? ms
    : connectMs + weight * (Math.min(ms, capMs(connectMs)) - connectMs)
}

/** Whether reaching the node took so long that its answer says nothing about the node itself. */
export function networkWasSlow(node: NodeWatch, outcome: Outcome | undefined): boolean {
  const ms = outcome === undefined ? undefined : reachMs(outcome)
  return ms !== undefined && ms > 4 * node.connectMs + 50
}

const reachMs = ({ phaseMs: { connect, tls } }: Outcome): number | undefined =>
  connect === undefined ? undefined : connect + (tls ?? 0)
