/** When the slots of a check are due: points on a fixed grid of the monotonic clock. */
import { shareOf } from '../runtime/share.ts'

export interface Grid {
  readonly intervalMs: number
  /** Slot `k` is due at `phaseMs + k * intervalMs`, in monotonic milliseconds. */
  readonly phaseMs: number
}

/**
 * The grid of a check of a farm. `originMs` is wall minus monotonic time at an agreed moment: threads with the same one
 * have the same slots, and the slots of one farm fall on the same seconds after a restart. Each farm has its own place
 * in the interval, so that farms are not probed all at once.
 */
export function gridOf(farm: string, intervalMs: number, originMs: number): Grid {
  const offsetMs = Math.floor(shareOf(farm) * intervalMs)
  const phaseMs = (offsetMs - originMs) % intervalMs
  return { intervalMs, phaseMs: phaseMs < 0 ? phaseMs + intervalMs : phaseMs }
}

/** When slot `k` is due, in monotonic milliseconds. */
export const slotAt = (grid: Grid, k: number): number => grid.phaseMs + k * grid.intervalMs

/** The first slot due at `fromMs` or later. */
export function firstSlot(grid: Grid, fromMs: number): number {
  const k = Math.floor((fromMs - grid.phaseMs) / grid.intervalMs)
  return slotAt(grid, k) >= fromMs ? k : k + 1
}

/** The last slot due at `atMs` or earlier. */
export function lastSlot(grid: Grid, atMs: number): number {
  const k = firstSlot(grid, atMs)
  return slotAt(grid, k) <= atMs ? k : k - 1
}
