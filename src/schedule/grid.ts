/** When the slots of a check are due: points on a fixed grid of the monotonic clock. */

export interface Grid {
  readonly intervalMs: number
  /** Slot `k` is due at `phaseMs + k * intervalMs`, in monotonic milliseconds. */
  readonly phaseMs: number
}

/**
 * The grid of a check of a farm. `originMs` is wall minus monotonic time at an agreed moment: threads with the same one
 * have the same slots, and the slots of one farm fall on the same seconds after a restart.
 */
export function gridOf(farm: string, intervalMs: number, originMs: number): Grid {
  const offsetMs = Math.floor(share(farm) * intervalMs)
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

/** Where in every interval, from 0 to 1, a farm has its slots, so that farms are not probed all at once. */
export function share(farm: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < farm.length; index++)
    hash = Math.imul(hash ^ farm.charCodeAt(index), 0x01000193)
  // FNV-1a leaves names that differ in their last digit close together: one more round of mixing spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296
}
