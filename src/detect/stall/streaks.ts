/** Streaks of failures: there may be more than are remembered one by one. */
import type { Outcome } from '../../model/outcome.ts'
import { secondMs } from '../../runtime/duration.ts'
import { fieldsOf, number, type Of, optional, text, time } from '../shape.ts'
import { hasAnswered, type Silence } from './silences.ts'

/** Memory is bounded, however often a node fails and answers before it is judged. */
const mostStreaks = 16
/** Two answers this close may be the first one after a streak. */
const sameMs = 1.5 * secondMs

/** Failures of one check without an answer between them. */
export const streak = fieldsOf({ check: text, fromMs: time, failures: number, toMs: optional(time) })

type Streak = Of<typeof streak>

/** Takes in whether a probe of a check was answered: an answer ends its streak of failures. */
export function noteStreak(
  streaks: Streak[],
  check: string,
  answered: boolean,
  { startedMs, totalMs }: Outcome,
): void {
  const open = streaks.find((each) => each.check === check && each.toMs === undefined)
  if (answered) {
    if (open !== undefined) open.toMs = startedMs + totalMs
  } else if (open !== undefined) {
    open.failures++
    open.fromMs = Math.min(open.fromMs, startedMs)
  } else {
    streaks.push({ check, fromMs: startedMs, failures: 1, toMs: undefined })
    if (streaks.length > mostStreaks) streaks.shift()
  }
}

/** A silence with the failures before those that are remembered. */
export function withForgotten(silence: Silence, streaks: Streak[]): Silence {
  const { check, fromMs, toMs, probes } = silence
  const streak = streaks.find(
    (each) => each.check === check && Math.abs((each.toMs ?? 0) - toMs) < sameMs && each.fromMs < fromMs,
  )
  const remembered = probes.filter((each) => !hasAnswered(each)).length
  if (streak === undefined || remembered === 0) return silence
  return {
    ...silence,
    fromMs: streak.fromMs,
    sureFromMs: streak.fromMs,
    forgotten: Math.max(0, streak.failures - remembered),
  }
}
