import { hourMs } from '../../runtime/duration.ts'
import type { Random } from '../../runtime/random.ts'
import type { LatencyPlan } from '../farm/blueprint.ts'
import { drawMs, exponentialMs } from '../farm/chance.ts'
import { daily } from '../farm/visitors.ts'

/** Milliseconds that a warm worker of the given age takes for the first byte of a request begun at `atMs`. */
export type WarmLatency = (atMs: number, ageMs: number) => number

export function createLatency(plan: LatencyPlan, random: Random): WarmLatency {
  const pauseAt = createPauses(plan.gc, random)
  return (atMs, ageMs) => {
    const slowMs = ownMs(plan, random) * (1 + plan.load * daily(atMs)) * ageing(plan, ageMs)
    const ms = Math.min(slowMs, plan.longestMs)
    return ms + pauseAt(atMs, ms)
  }
}

function ownMs(plan: LatencyPlan, random: Random): number {
  const { hump, tail } = plan
  const ms = drawMs(hump !== undefined && random() < hump.share ? hump.body : plan.body, random)
  if (tail.share === 0 || random() >= tail.share) return ms
  return ms * tail.times * (1 - random()) ** (-1 / tail.alpha)
}

function ageing(plan: LatencyPlan, ageMs: number): number {
  if (plan.ageing === undefined) return 1
  return Math.min(plan.ageing.limit, 1 + (plan.ageing.perHour * ageMs) / hourMs)
}

/** How long a request that runs for `forMs` from `atMs` is paused by garbage collection. */
function createPauses(gc: LatencyPlan['gc'], random: Random): (atMs: number, forMs: number) => number {
  if (gc === undefined) return () => 0
  let beginsMs = 0
  let endsMs = 0
  return (atMs, forMs) => {
    // Pauses come independently, so however many were missed meanwhile, the next is as far away as ever;
    // it may have begun already.
    if (endsMs < atMs) {
      const pauseMs = drawMs(gc.pause, random)
      beginsMs = Math.max(endsMs, atMs - pauseMs) + exponentialMs(gc.everyMs, random)
      endsMs = beginsMs + pauseMs
    }
    if (beginsMs > atMs + forMs) return 0
    return endsMs - Math.max(beginsMs, atMs)
  }
}
