/** The verdict on a farm, from how its targets are. */
import type { Verdict } from '../model/event.ts'
import type { Role } from '../model/farm.ts'
import { type Outcome, type Proof, proofOf } from '../model/outcome.ts'

/** `unknown`: there was no tick yet; `unproven`: the last ones prove nothing. */
export type Health = 'unknown' | 'unproven' | 'fine' | 'failing'

const healthBy = { ok: 'fine', failure: 'failing', nothing: 'unproven' } as const satisfies Record<
  Proof,
  Health
>

/** The verdict on one set of outcomes, at most one of each target. */
export function verdictOf(outcomes: readonly Outcome[]): Verdict {
  const healths = (of: Role) =>
    outcomes.filter(({ role }) => role === of).map((outcome) => healthBy[proofOf(outcome)])
  return decide(healths('balancer')[0] ?? 'unknown', healths('node'))
}

/** How users are served is known by the balancer alone, or by the nodes where only they are probed. */
export function decide(balancer: Health, nodes: readonly Health[]): Verdict {
  const isFailing = nodes.includes('failing')
  if (balancer !== 'fine' && !nodes.includes('fine') && (balancer === 'failing' || isFailing))
    return 'farm_down'
  if (balancer === 'failing') return isFailing ? 'node_fault' : 'balancer_fault'
  const isUnproven = nodes.includes('unproven') && !nodes.includes('fine')
  if (balancer === 'unproven' || (balancer === 'unknown' && isUnproven && !isFailing)) return 'unknown'
  return isFailing ? 'masked' : 'ok'
}
