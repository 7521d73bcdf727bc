/** Hours are added up from their minutes once they are over, a few series at a time, so that nothing waits for it. */
import { hourOf } from '../../history/minutes.ts'
import { emptyRollup, mergeRollup, type Rollup } from '../../history/rollup.ts'
import { takeRollup } from '../../history/rollup_bytes.ts'
import type { Store } from './statements.ts'

const minutesInHour = 60

/** Series in one step: some milliseconds of work. */
const seriesInStep = 25

export interface HourWork {
  /** A minute of this hour has been written. */
  touched(hour: number): void
  /** Does a part of what is to be done for hours before this one, in a transaction of the caller; false when all is done. */
  step(presentHour: number): boolean
}

/** Goes on where an earlier process stopped. */
export function createHourWork(store: Store): HourWork {
  const { db } = store
  const minutes = db.prepare('SELECT series, rollup FROM minutes WHERE minute = ? AND series BETWEEN ? AND ?')
  const done = db.prepare(`SELECT value FROM meta WHERE name = 'hours_done'`).get()?.['value']
  const span = db.prepare('SELECT min(minute) AS oldest, max(minute) AS newest FROM minutes').get()
  let hoursDone = typeof done === 'number' ? done : Number.NEGATIVE_INFINITY
  const queue = new Set<number>()
  let nextSeries = 0
  // The last one done once more: it may have been changed just before the end.
  if (typeof span?.['oldest'] === 'number' && typeof span['newest'] === 'number')
    for (let hour = Math.max(hourOf(span['oldest']), hoursDone); hour <= hourOf(span['newest']); hour++)
      queue.add(hour)

  const addUp = (hour: number, first: number, last: number): Map<number, Rollup> => {
    const sums = new Map<number, Rollup>()
    for (let minute = hour * minutesInHour; minute < (hour + 1) * minutesInHour; minute++)
      for (const { series, rollup } of minutes.all(minute, first, last)) {
        const id = series as number
        let sum = sums.get(id)
        if (sum === undefined) sums.set(id, (sum = emptyRollup()))
        mergeRollup(sum, takeRollup({ bytes: rollup as Uint8Array, at: 0 }, store.words))
      }
    return sums
  }
  return {
    touched: (hour) => void queue.add(hour),
    step(presentHour) {
      const hour = [...queue].find((each) => each < presentHour)
      if (hour === undefined) return false
      const last = nextSeries + seriesInStep
      for (const [series, sum] of addUp(hour, nextSeries, last - 1)) store.hour(hour, series, sum)
      const highest = Math.max(0, ...store.series.all().keys())
      nextSeries = last > highest ? 0 : last
      if (nextSeries === 0) {
        queue.delete(hour)
        hoursDone = Math.max(hoursDone, hour)
        store.meta('hours_done', hoursDone)
      }
      return true
    },
  }
}
