/** Adds minutes up to hours once these are over, and deletes what is too old: a few milliseconds at a time. */
import { hourOf, minuteOf } from '../../history/minutes.ts'
import { emptyRollup, mergeRollup, type Rollup } from '../../history/rollup.ts'
import type { Clock } from '../../runtime/clock.ts'
import { dayMs, hourMs, minuteMs } from '../../runtime/duration.ts'
import { greatest } from '../../runtime/extremes.ts'
import { transaction } from '../file/database.ts'
import { lastSignMs } from '../file/previous_process.ts'
import { readable, rollupIn } from '../file/rows.ts'
import type { Store } from '../file/statements.ts'
import { createPruning } from './retention.ts'

/** Housekeeping pauses after this long. */
const mostMs = 8
/** An hour is added up when its last minute has been written. */
const hourGraceMs = 120_000
/** Series that are added up in one transaction: some milliseconds of work. */
const seriesInStep = 25

/** For so long nothing is deleted by a clock that may be set wrongly, as machines have it until they have asked for the time. */
const doubtMs = hourMs

export type Housekeeping = ReturnType<typeof createHousekeeping>

/** Continues where an earlier process stopped. */
export function createHousekeeping(store: Store, keepMs: number, clock: Clock) {
  const { db } = store
  const nowMs = clock.wallMs()
  const hours = createHourSums(store, hourOf(minuteOf(nowMs - keepMs)), hourOf(minuteOf(nowMs)))
  const prune = createPruning(db, keepMs)
  let prunedMinute = 0
  const isTrusted = trustInClock(clock, nowMs - (lastSignMs(db) ?? nowMs))
  return {
    /** A minute has been written: its hour has to be added up again. */
    minuteWritten: (minute: number) => hours.add(hourOf(minute)),
    /** Does some of what is due. */
    run(nowMs: number): void {
      const endMs = clock.monotonicMs() + mostMs
      const presentHour = Math.floor((nowMs - hourGraceMs) / hourMs)
      while (clock.monotonicMs() < endMs && transaction(db, () => hours.step(presentHour)));
      if (!isTrusted(nowMs)) return
      while (prunedMinute !== minuteOf(nowMs) && clock.monotonicMs() < endMs)
        if (!transaction(db, () => prune(nowMs))) prunedMinute = minuteOf(nowMs)
    },
  }
}

/** Whether the wall clock went like the monotonic one since the last write before, or for long enough since a jump. */
function trustInClock({ monotonicMs }: Clock, sinceLastWriteMs: number) {
  let doubtedMs = Math.abs(sinceLastWriteMs) > dayMs ? monotonicMs() : Number.NEGATIVE_INFINITY
  let offsetMs: number | undefined
  return (nowMs: number): boolean => {
    const presentMs = nowMs - monotonicMs()
    if (Math.abs(presentMs - (offsetMs ?? presentMs)) > minuteMs) doubtedMs = monotonicMs()
    offsetMs = presentMs
    return monotonicMs() - doubtedMs >= doubtMs
  }
}

/** From the first hour to be kept to the present one. */
function createHourSums(store: Store, firstHour: number, lastHour: number) {
  const { db, words, onDamage } = store
  const minutes = db.prepare('SELECT series, rollup FROM minutes WHERE minute = ? AND series BETWEEN ? AND ?')
  const done = db.prepare(`SELECT value FROM meta WHERE name = 'hours_done'`).get()?.['value']
  const span = db.prepare('SELECT min(minute) AS oldest, max(minute) AS newest FROM minutes').get()
  let hoursDone = typeof done === 'number' ? Math.min(done, lastHour) : Number.NEGATIVE_INFINITY
  const queue = new Set<number>()
  let nextSeries = 0
  // The last one again: a minute of it may have been written just before the process ended.
  if (typeof span?.['oldest'] === 'number' && typeof span['newest'] === 'number')
    for (
      let hour = Math.max(hourOf(span['oldest']), hoursDone, firstHour);
      hour <= Math.min(hourOf(span['newest']), lastHour);
      hour++
    )
      queue.add(hour)

  const read = ({ series, rollup: bytes }: Record<string, unknown>) => {
    const rollup = rollupIn(bytes, words)
    return rollup && { id: series as number, rollup }
  }
  const sumsOf = (hour: number, first: number, last: number): Map<number, Rollup> => {
    const sums = new Map<number, Rollup>()
    for (let minute = hour * 60; minute < (hour + 1) * 60; minute++)
      for (const { id, rollup } of readable('minutes', minutes.all(minute, first, last), read, onDamage)) {
        let sum = sums.get(id)
        if (sum === undefined) sums.set(id, (sum = emptyRollup()))
        mergeRollup(sum, rollup)
      }
    return sums
  }
  return {
    add: (hour: number) => void queue.add(hour),
    /** Adds up some series of an hour before this one, in a transaction of the caller; false when nothing is left. */
    step(presentHour: number): boolean {
      const hour = [...queue].find((each) => each < presentHour)
      if (hour === undefined) return false
      const end = nextSeries + seriesInStep
      for (const [series, sum] of sumsOf(hour, nextSeries, end - 1)) store.hour(hour, series, sum)
      const highest = Math.max(0, greatest(store.series.all().keys()))
      nextSeries = end > highest ? 0 : end
      if (nextSeries > 0) return true
      queue.delete(hour)
      hoursDone = Math.max(hoursDone, hour)
      store.meta('hours_done', hoursDone)
      return true
    },
  }
}
