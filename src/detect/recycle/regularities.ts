/** Regularities in the recycles of a node, and the setting that is likely behind them, in plain words. */

import type { Habit } from '../../model/event.ts'
import { dayMs, formatDuration, hourMs, minuteMs } from '../../runtime/duration.ts'
import { least } from '../../runtime/extremes.ts'
import { fieldsOf, number, type Of, time } from '../shape.ts'

/** `periodicRestart/time` as IIS ships it. */
const defaultPeriodMs = 29 * hourMs
/** `idleTimeout` as IIS ships it. */
const defaultIdleMs = 20 * minuteMs
/** A quiet time shorter than this lets no pool idle out. */
export const leastQuietMs = 5 * minuteMs

/** One recycle of a node. */
export const pastRecycle = fieldsOf({
  atMs: time,
  /** How long farmprobe had not asked before, in milliseconds. */
  quietMs: number,
})

type PastRecycle = Of<typeof pastRecycle>

export type Regularity = Pick<Habit, 'target' | 'habit' | 'sentence'>

/** What the recycles of a node, the oldest first, show; its worker still answered after `survivedMs` without a request. */
export function regularityOf(
  target: string,
  past: readonly PastRecycle[],
  survivedMs: number,
): Regularity | undefined {
  const times = past.map(({ atMs }) => atMs)
  return idleHabit(target, past, survivedMs) ?? periodHabit(target, times) ?? clockHabit(target, times)
}

/** Whether the newest of a node's recycles came when its timer or schedule made one expect it. */
export function wasDue(past: readonly PastRecycle[]): boolean {
  const [newestMs, beforeMs = defaultPeriodMs] = gaps(past.map(({ atMs }) => atMs)).toReversed()
  if (newestMs === undefined) return false
  return [beforeMs, defaultPeriodMs, dayMs].some((periodMs) => isNear(newestMs, periodMs))
}

/** Says that nodes recycle together; the first of them stands for all. */
export function together(targets: readonly string[]): Regularity {
  const list = `${targets.slice(0, -1).join(', ')} and ${targets.at(-1)}`
  const sentence = `${list} recycle at the same moment, so that users find no warm node: their workers were started together and their timers run in step, or they share a schedule or configuration; set a different \`periodicRestart/schedule\` for each`
  return { target: targets[0] as string, habit: 'together', sentence }
}

const gaps = (times: readonly number[]): number[] =>
  times.slice(1).map((atMs, index) => atMs - (times[index] as number))

const isNear = (gapMs: number, periodMs: number): boolean =>
  Math.abs(gapMs - periodMs) < Math.max(3 * minuteMs, 0.005 * periodMs)

/** A recycle that went unnoticed leaves a gap of twice the period. */
const isMultiple = (gapMs: number, periodMs: number): boolean =>
  [1, 2, 3].some((times) => isNear(gapMs / times, periodMs))

function periodHabit(target: string, times: readonly number[]): Regularity | undefined {
  const recent = gaps(times).slice(-4)
  if (recent.filter((gapMs) => isNear(gapMs, defaultPeriodMs)).length >= 2)
    return {
      target,
      habit: 'period',
      sentence: `${target} recycles every 29h: the IIS default \`periodicRestart/time\`, which comes five hours later each day and so reaches business hours; recycle at a fixed quiet hour instead`,
    }
  const periodMs = least(recent.slice(-3))
  if (recent.length < 3 || periodMs < 10 * minuteMs || isNear(periodMs, dayMs)) return undefined
  if (!recent.slice(-3).every((gapMs) => isMultiple(gapMs, periodMs))) return undefined
  const every = formatDuration(Math.round(periodMs / (5 * minuteMs)) * 5 * minuteMs)
  const sentence = `${target} recycles every ${every}: see \`periodicRestart/time\` of its application pool`
  return { target, habit: 'period', sentence }
}

function clockHabit(target: string, times: readonly number[]): Regularity | undefined {
  const newest = times.at(-1) as number
  const same = times.filter((atMs) => {
    const days = Math.round((newest - atMs) / dayMs)
    return days < 5 && Math.abs(newest - atMs - days * dayMs) < 1.5 * minuteMs
  })
  const days = new Set(same.map((atMs) => Math.round((newest - atMs) / dayMs)))
  if (days.size < 3) return undefined
  const first = same[0] as number
  const clock = new Date(Math.round(first / (5 * minuteMs)) * 5 * minuteMs).toISOString().slice(11, 16)
  const sentence = `${target} recycles at about ${clock} UTC every day: see \`periodicRestart/schedule\` of its application pool, and jobs that run then`
  return { target, habit: 'clock', sentence }
}

function idleHabit(target: string, past: readonly PastRecycle[], survivedMs: number): Regularity | undefined {
  const last = past.slice(-3)
  const leastMs = least(last.map(({ quietMs }) => quietMs))
  if (last.length < 3 || leastMs < Math.max(leastQuietMs, survivedMs)) return undefined
  const isDefault = leastMs >= defaultIdleMs && survivedMs < defaultIdleMs
  const after = isDefault
    ? '20m without a request, the IIS default `idleTimeout`'
    : `${formatDuration(leastMs)} without a request of ours`
  const cure =
    'set `idleTimeout` to 0 and `startMode` to AlwaysRunning, with `preloadEnabled` on the application'
  return { target, habit: 'idle', sentence: `${target} starts cold after ${after}: ${cure}` }
}
