/** The verdict on a farm, as one check sees it. */
import type { Verdict } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'

export type Health = 'unknown' | 'fine' | 'failing'

/** The verdict on one set of outcomes, at most one of each target. */
export function verdictOf(outcomes: readonly Outcome[]): Verdict {
  let balancer: Health = 'unknown'
  let fine = 0
  let failing = 0
  for (const { role, reason } of outcomes) {
    const ok = reason === 'ok'
    if (role === 'balancer') balancer = ok ? 'fine' : 'failing'
    else if (ok) fine++
    else failing++
  }
  return decide(balancer, fine, failing)
}

/** From the balancer's health and the number of nodes that are fine, and that fail. */
export function decide(balancer: Health, fine: number, failing: number): Verdict {
  if (balancer === 'failing') {
    if (fine === 0) return 'farm_down'
    return failing > 0 ? 'node_fault' : 'balancer_fault'
  }
  if (balancer === 'unknown' && failing > 0 && fine === 0) return 'farm_down'
  return failing > 0 ? 'masked' : 'ok'
}
