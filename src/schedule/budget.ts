/** How much may be done on top of the plan: an allowance that time refills. */

/** What may be done in the long run, and at once. */
export interface Allowance {
  readonly perSecond: number
  readonly most: number
}

/** What is left of an allowance, as of `atMs` on the clock of `take`'s `nowMs`. */
export interface Budget {
  readonly left: number
  readonly atMs: number
}

/** A budget of which nothing has been taken. */
export const full = ({ most }: Allowance): Budget => ({ left: most, atMs: Number.NEGATIVE_INFINITY })

/** Takes as much of `wanted` as the allowance has left. */
export function take(budget: Budget, wanted: number, allowance: Allowance, nowMs: number) {
  const earned = ((nowMs - budget.atMs) / 1000) * allowance.perSecond
  const left = Math.min(allowance.most, budget.left + Math.max(0, earned))
  const count = Math.min(wanted, Math.floor(left))
  return { count, budget: { left: left - count, atMs: nowMs } satisfies Budget }
}
