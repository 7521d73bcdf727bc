/** Regularities of recycles, and the setting that is likely behind them, in plain words. */

import type { Habit } from '../../model/event.ts'
import { dayMs, formatDuration, hourMs, minuteMs, secondMs } from '../../runtime/duration.ts'

const remembered = 24

/** `periodicRestart/time` as IIS ships it. */
const defaultPeriodMs = 29 * hourMs
/** `idleTimeout` as IIS ships it. */
const defaultIdleMs = 20 * minuteMs
/** A quiet time shorter than this lets no pool idle out. */
const leastQuietMs = 5 * minuteMs
/** Recycles of several nodes are counted once all of them can have been noticed. */
const gatherMs = 90 * secondMs
/** Pools started in the same second are noticed up to a probe's interval apart. */
const sameMomentMs = 6 * secondMs

interface Past {
  readonly atMs: number
  /** How long nobody of ours had asked before. */
  readonly quietMs: number
}

interface Gathering {
  readonly atMs: number
  readonly targets: readonly string[]
}

export interface HabitState {
  /** Recycles of each node, the oldest first. */
  readonly past: Map<string, Past[]>
  /** The longest quiet time that a node has come through without a new worker, in milliseconds. */
  readonly calmMs: Map<string, number>
  gatherAtMs: number
  gatherings: Gathering[]
  /** The nodes that are said to recycle together. */
  readonly inStep: Set<string>
  /** What has been said last, by habit and target. */
  readonly said: Map<string, string>
}

export type Regularity = Pick<Habit, 'target' | 'habit' | 'sentence'>

/** The habits of a farm whose nodes have not recycled yet. */
export const createHabits = (): HabitState => ({
  past: new Map(),
  calmMs: new Map(),
  gatherAtMs: Number.POSITIVE_INFINITY,
  gatherings: [],
  inStep: new Set(),
  said: new Map(),
})

/** Takes in one recycle; `quietMs` is how long nobody of ours had asked the node before it. */
export function observeHabits(
  state: HabitState,
  target: string,
  atMs: number,
  quietMs: number,
): Regularity[] {
  const own = state.past.get(target) ?? []
  own.push({ atMs, quietMs })
  own.sort((a, b) => a.atMs - b.atMs)
  if (own.length > remembered) own.shift()
  state.past.set(target, own)
  state.gatherAtMs = Math.min(state.gatherAtMs, atMs + gatherMs)
  const times = own.map((past) => past.atMs)
  const found =
    idleHabit(target, own, state.calmMs.get(target) ?? 0) ??
    periodHabit(target, times) ??
    clockHabit(target, times)
  return found !== undefined && isNews(state, found) ? [found] : []
}

/** Forgets nodes that are gone. */
export function retainHabits(
  { past, calmMs, inStep, said }: HabitState,
  isKept: (target: string) => boolean,
): void {
  for (const target of past.keys()) if (!isKept(target)) past.delete(target)
  for (const target of calmMs.keys()) if (!isKept(target)) calmMs.delete(target)
  for (const target of inStep) if (!isKept(target)) inStep.delete(target)
  for (const key of said.keys()) if (!isKept(key.slice(key.indexOf(' ') + 1))) said.delete(key)
}

/** Takes note that a node was quiet for so long, in milliseconds, and had the same worker afterwards. */
export function observeCalm(state: HabitState, target: string, quietMs: number): void {
  if (quietMs > (state.calmMs.get(target) ?? 0)) state.calmMs.set(target, quietMs)
}

/** Whether the newest recycle of a node came when its timer or schedule made one expect it. */
export function wasDue(state: HabitState, target: string): boolean {
  const times = (state.past.get(target) ?? []).map((past) => past.atMs)
  const newest = gaps(times).at(-1)
  if (newest === undefined) return false
  const before = gaps(times).at(-2) ?? defaultPeriodMs
  return [before, defaultPeriodMs, dayMs].some((periodMs) => isNear(newest, periodMs))
}

/** Says what only shows once all nodes have had time to be noticed: that they recycle together. */
export function advanceHabits(state: HabitState, nowMs: number): Regularity[] {
  if (nowMs < state.gatherAtMs) return []
  state.gatherAtMs = Number.POSITIVE_INFINITY
  const gathering = newestGathering(state)
  if (gathering === undefined) return []
  const before = state.gatherings.findLast(({ atMs }) => atMs < gathering.atMs - minuteMs)
  state.gatherings.push(gathering)
  if (state.gatherings.length > remembered) state.gatherings.shift()
  const again = gathering.targets.filter((target) => before?.targets.includes(target))
  if (again.length < 2) return []
  if (again.every((target) => state.inStep.has(target))) return []
  for (const target of again) state.inStep.add(target)
  return [together([...state.inStep].sort())]
}

function newestGathering({ past }: HabitState): Gathering | undefined {
  const newest = [...past.values()].map((own) => own.at(-1)?.atMs ?? 0)
  const atMs = Math.max(...newest)
  const targets = [...past]
    .filter(([, own]) => atMs - (own.at(-1)?.atMs ?? 0) <= sameMomentMs)
    .map(([name]) => name)
  return targets.length < 2 ? undefined : { atMs, targets: targets.sort() }
}

function together(targets: readonly string[]): Regularity {
  const list = `${targets.slice(0, -1).join(', ')} and ${targets.at(-1)}`
  const sentence = `${list} recycle at the same moment, so that users find no warm node: their workers were started together and their timers run in step, or they share a schedule or configuration; set a different \`periodicRestart/schedule\` for each`
  return { target: targets[0] as string, habit: 'together', sentence }
}

function isNews(state: HabitState, { target, habit, sentence }: Regularity): boolean {
  const key = `${habit} ${target}`
  if (state.said.get(key) === sentence) return false
  state.said.set(key, sentence)
  return true
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
  const periodMs = Math.min(...recent.slice(-3))
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

function idleHabit(target: string, past: readonly Past[], calmMs: number): Regularity | undefined {
  const last = past.slice(-3)
  const leastMs = Math.min(...last.map(({ quietMs }) => quietMs))
  if (last.length < 3 || leastMs < Math.max(leastQuietMs, calmMs)) return undefined
  const isDefault = leastMs >= defaultIdleMs && calmMs < defaultIdleMs
  const after = isDefault
    ? '20m without a request, the IIS default `idleTimeout`'
    : `${formatDuration(leastMs)} without a request of ours`
  const cure =
    'set `idleTimeout` to 0 and `startMode` to AlwaysRunning, with `preloadEnabled` on the application'
  return { target, habit: 'idle', sentence: `${target} starts cold after ${after}: ${cure}` }
}
