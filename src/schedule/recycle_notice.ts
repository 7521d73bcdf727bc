/** What probers are to know of what the monitors conclude: which slow answers waited for a new worker. */
import type { FarmEvent } from '../model/event.ts'

/** A node has a new worker: what was slow there and at the balancer in this time, wall milliseconds, waited for it. */
export interface Recycled {
  readonly farm: string
  readonly target: string
  readonly fromMs: number
  readonly untilMs: number
}

/** What an event that is told at `nowMs`, wall milliseconds, says of new workers; undefined when nothing. */
export function recycledBy(event: FarmEvent, nowMs: number): Recycled | undefined {
  // The first request may be answered long after the recycle was told: then the time goes on until now.
  if (event.kind !== 'recycle' && event.kind !== 'first_request') return undefined
  const { farm, target, atMs } = event
  return { farm, target, fromMs: atMs, untilMs: nowMs }
}
