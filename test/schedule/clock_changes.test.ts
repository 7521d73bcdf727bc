/** Cron at the clock changes of every zone of the tz database: each time of day has one moment, whatever clocks do. */
import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../../src/runtime/duration.ts'
import { cronMatcher, cronSlots } from '../../src/schedule/cron_slots.ts'
import { maintenanceOf } from '../../src/schedule/maintenance_windows.ts'

interface Change {
  readonly zone: string
  readonly atMs: number
  /** By how much clocks go forward. */
  readonly byMs: number
}

/** What the clocks of a zone show, as the moment at which UTC shows it. */
function localTimes(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  return (atMs) => Date.parse(`${format.format(atMs).replace(' ', 'T')}Z`)
}

/** Found by looking once a day and halving. */
function changesOf(zone: string, fromMs: number, toMs: number): Change[] {
  const local = localTimes(zone)
  const offset = (atMs: number) => local(atMs) - atMs
  const changes: Change[] = []
  for (let low = fromMs; low < toMs; low += dayMs) {
    let [before, after] = [low, low + dayMs]
    if (offset(before) === offset(after)) continue
    while (after - before > minuteMs) {
      const middle = before + Math.floor((after - before) / 2 / minuteMs) * minuteMs
      if (offset(middle) === offset(before)) before = middle
      else after = middle
    }
    changes.push({ zone, atMs: after, byMs: offset(after) - offset(before) })
  }
  return changes
}

/** One zone stands for those whose clocks change at the same moments, from the same times and by the same. */
const changes = new Map(
  Intl.supportedValuesOf('timeZone')
    .flatMap((zone) => changesOf(zone, Date.parse('2026-01-01T00:00Z'), Date.parse('2027-01-01T00:00Z')))
    .map((change) => [`${change.atMs} ${change.byMs} ${localTimes(change.zone)(change.atMs)}`, change]),
)

/** The times of a day around a change, in minutes after the time that clocks show just before it. */
const around = [-60, -30, -15, 0, 1, 30, 45, 60, 120]

const cronOf = (localMs: number) =>
  `${new Date(localMs).getUTCMinutes()} ${new Date(localMs).getUTCHours()} * * *`

test('there are changes to try', () => {
  expect(changes.size).toBeGreaterThan(20)
})

test.for([...changes.values()])(
  'in $zone every time of day has one slot a day, and a window lasts an hour',
  (change) => {
    const { zone, atMs, byMs } = change
    const local = localTimes(zone)
    const changedFromMs = local(atMs) - byMs
    for (const minutes of around) {
      const localMs = changedFromMs + minutes * minuteMs
      const cron = cronOf(localMs)
      const isOpen = maintenanceOf([{ cron, timezone: zone, durationMs: hourMs }])
      const slots = cronSlots(cron, zone, atMs - 3 * hourMs)
      let [count, lastMs, open] = [0, 0, 0]
      for (let nowMs = atMs - 3 * hourMs; nowMs < atMs + 7 * hourMs; nowMs += minuteMs) {
        const due = slots.advance(nowMs)
        count += due.count
        lastMs = Math.max(lastMs, due.lastMs)
        if (isOpen(nowMs)) open++
      }
      const isSkipped = minutes >= 0 && minutes * minuteMs < byMs
      const isRepeated = minutes < 0 && minutes * minuteMs >= byMs
      expect({ cron, count, open, shownMs: local(lastMs), isFirst: !isRepeated || lastMs < atMs }).toEqual({
        cron,
        count: 1,
        open: 60,
        shownMs: localMs + (isSkipped ? byMs : 0),
        isFirst: true,
      })
    }
  },
)

test.for([...changes.values()].filter(({ byMs }) => byMs % hourMs === 0))(
  'in $zone an expression for every hour has a slot in each hour that passes',
  ({ zone, atMs }) => {
    const minuteNow = new Date(localTimes(zone)(atMs)).getUTCMinutes()
    const matches = cronMatcher(`${minuteNow} * * * *`, zone)
    const moments = Array.from({ length: 97 }, (_, index) => (index - 48) * 15)
    expect(moments.filter((minutes) => matches(atMs + minutes * minuteMs))).toEqual(
      moments.filter((minutes) => minutes % 60 === 0),
    )
  },
)
