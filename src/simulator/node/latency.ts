import { hourMs } from '../../runtime/duration.ts'
import type { Random } from '../../runtime/random.ts'
import type { LatencyPlan } from '../farm/blueprint.ts'
import { drawMs, exponentialMs } from '../farm/chance.ts'
import { daily } from '../farm/visitors.ts'

/** Milliseconds that a warm worker of the given age takes for the first byte of a request begun at `atMs`. */
export type WarmLatency = (atMs: number, ageMs: number) => number

/** Hears of a pause when the first request meets it. */
export type OnPause = (fromMs: number, toMs: number) => void

export function createLatency(plan: LatencyPlan, random: Random, onPause: OnPause): WarmLatency {
  const pauseAt = createPauses(plan.gc, random, onPause)
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
function createPauses(
  gc: LatencyPlan['gc'],
  random: Random,
  onPause: OnPause,
): (atMs: number, forMs: number) => number {
  if (gc === undefined) return () => 0
  let beginsMs = 0
  let endsMs = 0
  let isMet = true
  return (atMs, forMs) => {
    // Pauses come independently, so however many were missed meanwhile, the next is as far away as ever;
    // it may have begun already.
    if (endsMs < atMs) {
      const pauseMs = drawMs(gc.pause, random)
      beginsMs = Math.max(endsMs, atMs - pauseMs) + exponentialMs(gc.everyMs, random)
      endsMs = beginsMs + pauseMs
      isMet = false
    }
    if (beginsMs > atMs + forMs) return 0
    if (!isMet) onPause(beginsMs, endsMs)
    isMet = true
    return endsMs - Math.max(beginsMs, atMs)
  }
}
