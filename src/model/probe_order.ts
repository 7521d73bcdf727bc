import type { Check, Farm, Target } from './farm.ts'
import type { Lane, Outcome } from './outcome.ts'

/** One probe to be made: what the schedule hands to the probe. */
export interface Order {
  readonly farm: Farm
  readonly check: Check
  readonly target: Target
  readonly lane: Lane
  /** When it was due, in wall milliseconds. */
  readonly slotMs: number
  /** How late it is handed over, in milliseconds, measured on the monotonic clock. */
  readonly lagMs: number
}

/**
 * Makes one probe. Never rejects because of the target: whatever the target does becomes an outcome. `suspect` is
 * false in what it returns; the schedule, which watches the event loop, knows better.
 */
export type Probe = (order: Order, signal: AbortSignal) => Promise<Outcome>
