/** The slots of one check of one farm, on an interval or by cron. */
import type { Schedule } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import { cronSlots } from './cron_slots.ts'
import { firstSlot, type Grid, gridOf, lastSlot, slotAt } from './grid.ts'

/** What has fallen due since the last call. */
interface Due {
  /** When the slot to be run now was due, in monotonic milliseconds; absent when there is none. */
  readonly dueMs?: number
  /** Slots before it that passed without being run. */
  readonly missed: number
}

export interface Slots {
  /** When to call `advance` next, in monotonic milliseconds. */
  nextMs(): number
  /** Passes over all slots up to `nowMs`. */
  advance(nowMs: number): Due
}

/** The slots from `fromMs` on, in monotonic milliseconds. */
export function slotsOf(
  farm: string,
  schedule: Schedule,
  fromMs: number,
  context: { readonly clock: Clock; readonly originMs: number },
): Slots {
  return schedule.kind === 'interval'
    ? gridSlots(gridOf(farm, schedule.intervalMs, context.originMs), fromMs)
    : wallSlots(schedule.cron, schedule.timezone, fromMs, context.clock)
}

function gridSlots(grid: Grid, fromMs: number): Slots {
  let next = firstSlot(grid, fromMs)
  return {
    nextMs: () => slotAt(grid, next),
    advance(nowMs) {
      const due = next
      next = Math.max(next, lastSlot(grid, nowMs) + 1)
      if (next === due) return { missed: 0 }
      return { dueMs: slotAt(grid, next - 1), missed: next - 1 - due }
    },
  }
}

function wallSlots(cron: string, timezone: string, fromMs: number, clock: Clock): Slots {
  const slots = cronSlots(cron, timezone, clock.wallMs() - (clock.monotonicMs() - fromMs))
  return {
    nextMs: () => clock.monotonicMs() + slots.delayMs(clock.wallMs()),
    advance(nowMs) {
      const wallMs = clock.wallMs()
      const { count, lastMs } = slots.advance(wallMs)
      if (count === 0) return { missed: 0 }
      const lateMs = wallMs - lastMs
      // Later than that, the wall clock was set forward or the machine slept: running it now would be another slot.
      return lateMs < slots.stepMs ? { dueMs: nowMs - lateMs, missed: count - 1 } : { missed: count }
    },
  }
}

/** Below this a difference is the clock's resolution and its steady correction, not a jump. */
const toleranceMs = 10

/**
 * Gives the wall time, in whole milliseconds, of a moment on the monotonic clock. Moments a whole interval apart get
 * stamps exactly that apart, until the wall clock differs by more than 10 ms; then the stamps follow it.
 */
export function wallStamps(clock: Clock, originMs: number): (monotonicMs: number) => number {
  let offsetMs = originMs
  return (monotonicMs) => {
    const presentMs = clock.wallMs() - clock.monotonicMs()
    if (Math.abs(presentMs - offsetMs) > toleranceMs) offsetMs = presentMs
    return Math.round(monotonicMs + offsetMs)
  }
}
