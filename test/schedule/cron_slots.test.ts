import { expect, test } from 'vitest'
import { cronSlots } from '../../src/schedule/cron_slots.ts'

const at = (text: string) => Date.parse(text)

/** The slots of an expression between two moments, found by looking every half minute as a prober would. */
function slotsBetween(cron: string, timezone: string, from: string, to: string): string[] {
  const slots = cronSlots(cron, timezone, at(from))
  const found: string[] = []
  for (let wallMs = at(from); wallMs <= at(to); wallMs += 30_000) {
    const { count, lastMs } = slots.advance(wallMs)
    if (count > 0) found.push(new Date(lastMs).toISOString())
  }
  return found
}

const night = (day: string) =>
  slotsBetween('0 3 * * *', 'Europe/London', `${day}T00:00:00Z`, `${day}T12:00:00Z`)

test('slots follow the wall clock of the time zone through the year', () => {
  expect(night('2026-01-10')).toEqual(['2026-01-10T03:00:00.000Z'])
  expect(night('2026-07-10')).toEqual(['2026-07-10T02:00:00.000Z'])
})

test.for([
  ['Europe/London', '2026-10-24T22:00:00Z', '2026-10-25T06:00:00Z', '2026-10-25T00:30:00.000Z'],
  ['America/New_York', '2026-11-01T02:00:00Z', '2026-11-01T12:00:00Z', '2026-11-01T05:30:00.000Z'],
] as const)(
  'in %s a slot in the hour that comes twice is run once, the first time',
  ([zone, from, to, slot]) => {
    expect(slotsBetween('30 1 * * *', zone, from, to)).toEqual([slot])
  },
)

test.for([
  ['Europe/London', '2026-10-25T00:00:00Z', '2026-10-25T02:00:00Z'],
  ['America/New_York', '2026-11-01T05:00:00Z', '2026-11-01T07:00:00Z'],
] as const)('in %s an expression for every hour runs in both hours of the same name', ([zone, from, to]) => {
  expect(slotsBetween('*/30 * * * *', zone, from, to)).toHaveLength(4)
})

test.for([
  ['Europe/London', '30 1 * * *', '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z', '2026-03-29T01:30:00.000Z'],
  [
    'America/New_York',
    '30 2 * * *',
    '2026-03-08T00:00:00Z',
    '2026-03-08T18:00:00Z',
    '2026-03-08T07:30:00.000Z',
  ],
  ['Africa/Cairo', '0 0 * * 5', '2026-04-23T12:00:00Z', '2026-04-24T12:00:00Z', '2026-04-23T22:00:00.000Z'],
  [
    'Europe/London',
    '30 1,2 * * *',
    '2026-03-28T12:00:00Z',
    '2026-03-29T12:00:00Z',
    '2026-03-29T01:30:00.000Z',
  ],
] as const)(
  'in %s a slot of %s in the hour that is skipped is run once, after it',
  ([zone, cron, from, to, slot]) => {
    expect(slotsBetween(cron, zone, from, to)).toEqual([slot])
  },
)

test.for([
  ['0 3 1 * 1', [1, 8, 15, 22, 29]],
  ['0 3 10,20 * 1-2', [1, 2, 8, 9, 10, 15, 16, 20, 22, 23, 29, 30]],
  ['0 3 1 * *', [1]],
  ['0 3 * * 1', [1, 8, 15, 22, 29]],
  ['0 3 ? * MON', [1, 8, 15, 22, 29]],
  ['0 3 */7 * 1', [1, 8, 15, 22, 29]],
  ['0 3 1-7 * 1', [1, 2, 3, 4, 5, 6, 7, 8, 15, 22, 29]],
  ['0 3 L * 1#2', [8, 30]],
] as const)('%s in June 2026 means either the day of the month or the weekday', ([cron, days]) => {
  const slots = slotsBetween(cron, 'UTC', '2026-06-01T00:00:00Z', '2026-06-30T23:59:00Z')
  expect(slots.map((slot) => new Date(slot).getUTCDate())).toEqual(days)
})

test('a zone that differs by half an hour or a quarter has its slots at its own minutes', () => {
  expect(slotsBetween('0 3 * * *', 'Asia/Kolkata', '2026-07-09T20:00:00Z', '2026-07-10T00:00:00Z')).toEqual([
    '2026-07-09T21:30:00.000Z',
  ])
  expect(slotsBetween('5 3 * * *', 'Asia/Kathmandu', '2026-07-09T20:00:00Z', '2026-07-10T00:00:00Z')).toEqual(
    ['2026-07-09T21:20:00.000Z'],
  )
})

test('expressions with seconds are looked at every second', () => {
  const slots = cronSlots('*/10 * * * * *', 'UTC', at('2026-07-01T00:00:00Z'))
  expect(slots.delayMs(at('2026-07-01T00:00:00.250Z'))).toBe(750)
  expect(slots.advance(at('2026-07-01T00:01:05Z'))).toEqual({ count: 6, lastMs: at('2026-07-01T00:01:00Z') })
})

test('the wall clock set back runs no slot twice, unless it goes back far', () => {
  const slots = cronSlots('0 * * * *', 'UTC', at('2026-07-01T11:30:00Z'))
  expect(slots.advance(at('2026-07-01T12:00:10Z')).count).toBe(1)
  expect(slots.advance(at('2026-07-01T11:10:00Z')).count).toBe(0)
  expect(slots.delayMs(at('2026-07-01T11:10:00Z'))).toBe(60_000)
  expect(slots.advance(at('2026-07-01T12:00:20Z')).count).toBe(0)
  expect(slots.advance(at('2026-06-01T08:59:00Z')).count).toBe(0)
  expect(slots.advance(at('2026-06-01T09:00:00Z')).count).toBe(1)
})

test('slots passed over in a sleep are counted, the last 25 hours of them', () => {
  const slots = cronSlots('0 * * * *', 'UTC', at('2026-07-01T00:30:00Z'))
  expect(slots.advance(at('2026-07-01T05:00:00Z'))).toEqual({ count: 5, lastMs: at('2026-07-01T05:00:00Z') })
  expect(slots.advance(at('2026-07-20T05:30:00Z')).count).toBe(25)
})
