import { createTask, type ScheduledTask } from 'node-cron'
import type { MaintenanceWindow } from '../model/farm.ts'

const minuteMs = 60_000

/** Says whether a moment, in wall milliseconds, lies in one of the windows. */
export type InMaintenance = (atMs: number) => boolean

/**
 * The maintenance of a farm: a window opens at each minute its cron expression names, in its time zone, and stays
 * open for its duration. The answer depends on the windows and the moment alone, so that it survives restarts,
 * clock changes and jumps.
 */
export function maintenanceOf(windows: readonly MaintenanceWindow[]): InMaintenance {
  const tests = windows.map(windowTest)
  return (atMs) => tests.some((test) => test(atMs))
}

/** Remembers the minutes it has looked at: a window of a week would otherwise ask cron 10,080 questions a second. */
function windowTest(window: MaintenanceWindow): InMaintenance {
  const task = createTask(window.cron, () => undefined, { timezone: window.timezone })
  let seen: { fromMs: number; toMs: number; openings: number[] } = { fromMs: 0, toMs: 0, openings: [] }
  return (atMs) => {
    const wanted = { fromMs: floorToMinute(atMs - window.durationMs), toMs: floorToMinute(atMs) }
    seen = slide(seen, wanted, task)
    return seen.openings.some((openMs) => openMs <= atMs && atMs < openMs + window.durationMs)
  }
}

function slide(
  seen: { fromMs: number; toMs: number; openings: number[] },
  wanted: { fromMs: number; toMs: number },
  task: ScheduledTask,
) {
  if (seen.fromMs === wanted.fromMs && seen.toMs === wanted.toMs) return seen
  const overlaps = wanted.fromMs >= seen.fromMs && wanted.fromMs <= seen.toMs && wanted.toMs >= seen.toMs
  const openings = overlaps ? seen.openings.filter((openMs) => openMs >= wanted.fromMs) : []
  const startMs = overlaps ? seen.toMs + minuteMs : wanted.fromMs
  for (let minute = startMs; minute <= wanted.toMs; minute += minuteMs)
    if (task.match(new Date(minute))) openings.push(minute)
  return { ...wanted, openings }
}

const floorToMinute = (ms: number) => Math.floor(ms / minuteMs) * minuteMs
