/** How long it usually takes to reach a node, connection and TLS: far more shows a slow network, not a slow node. */
import { isSuspect, type Outcome } from '../../model/outcome.ts'

export interface Reach {
  /** Moving average, in milliseconds. */
  reachMs: number | undefined
}

/** Weight of the newest sample in the moving average of connection times. */
const weight = 0.05
/** So far a sample counts beyond the average, in milliseconds: minutes of bad weather must not look like the usual. */
const capMs = (averageMs: number) => 2 * averageMs + 10

/** Takes in how long reaching the node took, unless our own lateness blurs it. */
export function noteReach(state: Reach, outcome: Outcome): void {
  const ms = reachMsOf(outcome)
  if (isSuspect(outcome) || ms === undefined) return
  const { reachMs: averageMs = ms } = state
  state.reachMs = averageMs + weight * (Math.min(ms, capMs(averageMs)) - averageMs)
}

/** Whether reaching the node took so long that its answer says nothing about the node itself. */
export function networkWasSlow({ reachMs }: Reach, outcome: Outcome | undefined): boolean {
  const ms = outcome && reachMsOf(outcome)
  return ms !== undefined && reachMs !== undefined && ms > 4 * reachMs + 50
}

const reachMsOf = ({ phaseMs: { connect, tls } }: Outcome): number | undefined =>
  connect === undefined ? undefined : connect + (tls ?? 0)
