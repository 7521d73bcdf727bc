/** Rollups of minutes that are not over, by minute and series; minutes and hours are counted from the epoch. */
import { type Outcome, type Subject, subjectKey } from '../model/outcome.ts'
import { minuteMs } from '../runtime/duration.ts'
import { addMissed, addOutcome, emptyRollup, mergeRollup, type Rollup } from './rollup.ts'

export interface SeriesRollup {
  readonly subject: Subject
  readonly rollup: Rollup
}

/** By minute, then by series. */
export type Minutes = Map<number, Map<string, SeriesRollup>>

/** Adds a probe to the minute in which it started. */
export function addToMinute(minutes: Minutes, outcome: Outcome): void {
  addOutcome(rollupAt(minutes, minuteOf(outcome.startedMs), outcome), outcome)
}

/** Adds slots that passed without a probe, at about `atMs`. */
export function addMissedToMinute(minutes: Minutes, subject: Subject, slots: number, atMs: number): void {
  addMissed(rollupAt(minutes, minuteOf(atMs), subject), slots)
}

/** Adds all that `other` holds; it is not to be used any more. */
export function mergeMinutes(into: Minutes, other: Minutes): void {
  for (const [minute, entries] of other) {
    const known = into.get(minute)
    if (known === undefined) into.set(minute, entries)
    else
      for (const [key, entry] of entries) {
        const same = known.get(key)
        if (same === undefined) known.set(key, entry)
        else mergeRollup(same.rollup, entry.rollup)
      }
  }
}

export const minuteOf = (atMs: number): number => Math.floor(atMs / minuteMs)

export const hourOf = (minute: number): number => Math.floor(minute / 60)

function rollupAt(minutes: Minutes, minute: number, subject: Subject): Rollup {
  let entries = minutes.get(minute)
  if (entries === undefined) minutes.set(minute, (entries = new Map()))
  const key = subjectKey(subject)
  const known = entries.get(key)
  if (known !== undefined) return known.rollup
  const { farm, role, target, check } = subject
  const rollup = emptyRollup()
  entries.set(key, { subject: { farm, role, target, check }, rollup })
  return rollup
}
