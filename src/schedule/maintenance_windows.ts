import type { MaintenanceWindow } from '../model/farm.ts'
import { minuteMs } from '../runtime/duration.ts'
import { cronMatcher } from './cron_slots.ts'

/** Whether a moment, in wall milliseconds, lies in one of the windows. */
export type InMaintenance = (atMs: number) => boolean

/**
 * The maintenance of a farm: a window opens at each minute its cron expression names, in its time zone, and stays
 * open for its duration. The answer depends on the windows and the moment alone, so that it survives restarts,
 * clock changes and jumps.
 */
export function maintenanceOf(windows: readonly MaintenanceWindow[]): InMaintenance {
  const tests = windows.map(isOpenAt)
  return (atMs) => tests.some((test) => test(atMs))
}

/** The openings within one duration back from the newest moment asked about. */
interface Seen {
  readonly fromMs: number
  readonly toMs: number
  readonly openings: readonly number[]
}

/** Remembers the openings it has found: a window of a week would otherwise match 10,080 minutes each time. */
function isOpenAt({ cron, timezone, durationMs }: MaintenanceWindow): InMaintenance {
  const opens = cronMatcher(cron, timezone)
  let seen: Seen = { fromMs: 0, toMs: 0, openings: [] }
  return (atMs) => {
    seen = slide(seen, floorToMinute(atMs - durationMs), floorToMinute(atMs), opens)
    return seen.openings.some((openMs) => openMs <= atMs && atMs < openMs + durationMs)
  }
}

function slide(seen: Seen, fromMs: number, toMs: number, opens: (atMs: number) => boolean): Seen {
  if (seen.fromMs === fromMs && seen.toMs === toMs) return seen
  const overlaps = fromMs >= seen.fromMs && fromMs <= seen.toMs && toMs >= seen.toMs
  const openings = overlaps ? seen.openings.filter((openMs) => openMs >= fromMs) : []
  for (let atMs = overlaps ? seen.toMs + minuteMs : fromMs; atMs <= toMs; atMs += minuteMs)
    if (opens(atMs)) openings.push(atMs)
  return { fromMs, toMs, openings }
}

const floorToMinute = (ms: number) => Math.floor(ms / minuteMs) * minuteMs
