import type { Clock } from '../runtime/clock.ts'

/** Below this a difference is the clock's grain and its steady correction, not a jump. */
const toleranceMs = 10

/**
 * Gives the wall time, in whole milliseconds, of a moment on the monotonic clock. Moments a whole interval apart get stamps exactly
 * that apart, until the wall clock has gone its own way by more than 10 ms; then the stamps follow it.
 */
export function wallStamps(clock: Clock, originMs: number): (monotonicMs: number) => number {
  let offsetMs = originMs
  return (monotonicMs) => {
    const presentMs = clock.wallMs() - clock.monotonicMs()
    if (Math.abs(presentMs - offsetMs) > toleranceMs) offsetMs = presentMs
    return Math.round(monotonicMs + offsetMs)
  }
}
