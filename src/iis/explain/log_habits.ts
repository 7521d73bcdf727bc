/** What happens again and again over days: after the same time, or at the same hour. */

import { dayMs, formatDuration, hourMs, minuteMs } from '../../runtime/duration.ts'
import type { FoundIncident } from './found_incidents.ts'
import type { RecycleCost } from './recycle_costs.ts'

/** So many are no chance. */
const fewest = 3
/** What happens within as much of one hour, or of one period, happens at it, in milliseconds. */
const nearMs = 10 * minuteMs
const shares = { clock: 0.6, period: 0.7 } as const
/** `periodicRestart/time` as IIS ships it. */
const defaultPeriodMs = 29 * hourMs

/** Those of the recycles of each node, and of the incidents of each culprit that no recycle explains. */
export function allHabits(incidents: readonly FoundIncident[], recycles: readonly RecycleCost[]): string[] {
  const ofNodes = [
    ...Map.groupBy(recycles, ({ node, pool }) => (pool === '' ? node : `${node}, pool ${pool}`)),
  ]
  const others = incidents.filter(({ cause }) => cause !== 'cold_start' && cause !== 'recycle')
  const ofCulprits = [
    ...Map.groupBy(
      others,
      ({ node, cause }) => `${cause.replace('_', ' ')}${node === 'unknown' ? '' : ` of ${node}`}`,
    ),
  ]
  return [
    ...ofNodes.flatMap(([name, own]) =>
      habitsOf(
        `recycles of ${name}`,
        own.map(({ atMs }) => atMs),
      ),
    ),
    ...ofCulprits.flatMap(([name, own]) =>
      habitsOf(
        `incidents (${name})`,
        own.map(({ openedMs }) => openedMs),
      ),
    ),
  ]
}

/** Sentences without a full stop; `what` is in the plural: `recycles of web01`. */
function habitsOf(what: string, times: readonly number[]): string[] {
  const moments = separate(times)
  if (moments.length < fewest) return []
  return [clockHabit(what, moments), periodHabit(what, moments)]
    .filter((each) => each !== undefined)
    .slice(0, 1)
}

/** What happens at once happened once. */
const separate = (times: readonly number[]): number[] =>
  times
    .toSorted((a, b) => a - b)
    .filter((atMs, at, all) => at === 0 || atMs - (all[at - 1] as number) > nearMs)

function clockHabit(what: string, moments: readonly number[]): string | undefined {
  const groups = moments.map((atMs) => moments.filter((each) => apart(each, atMs, dayMs) <= nearMs))
  const most = groups.reduce((best, each) => (each.length > best.length ? each : best))
  if (most.length < fewest || most.length < shares.clock * moments.length) return undefined
  const middleMs = most.toSorted((a, b) => (a % dayMs) - (b % dayMs))[Math.floor(most.length / 2)] as number
  const clock = new Date(Math.round(middleMs / (5 * minuteMs)) * 5 * minuteMs).toISOString().slice(11, 16)
  return `${most.length} of ${moments.length} ${what} came at about ${clock} UTC: see \`periodicRestart/schedule\` of the application pool, and jobs that run then`
}

function periodHabit(what: string, moments: readonly number[]): string | undefined {
  const gaps = moments.slice(1).map((atMs, at) => atMs - (moments[at] as number))
  const candidates = [defaultPeriodMs, ...gaps.filter((gapMs) => gapMs > hourMs)]
  const fits = (periodMs: number) =>
    gaps.filter((gapMs) => Math.abs(gapMs - periodMs) <= Math.max(nearMs, 0.01 * periodMs)).length
  const periodMs = candidates.find(
    (each) => fits(each) >= fewest - 1 && fits(each) >= shares.period * gaps.length,
  )
  if (periodMs === undefined) return undefined
  const since = new Date(moments[0] as number).toISOString().slice(0, 16).replace('T', ' ')
  const isDefault = periodMs === defaultPeriodMs
  const cause = isDefault
    ? ": IIS's default `periodicRestart/time`, which comes five hours later each day; recycle at a fixed quiet hour instead"
    : ': see `periodicRestart/time` of the application pool'
  return `${what} came every ${isDefault ? '29 h' : formatDuration(Math.round(periodMs / nearMs) * nearMs)} since ${since} UTC (${fits(periodMs) + 1} of ${moments.length})${cause}`
}

/** How far two moments lie apart by a clock that begins again after `periodMs`. */
function apart(a: number, b: number, periodMs: number): number {
  const rest = Math.abs(a - b) % periodMs
  return Math.min(rest, periodMs - rest)
}
