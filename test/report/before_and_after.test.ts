import { expect, test } from 'vitest'
import type { Mark, Span } from '../../src/model/past.ts'
import { compareMarks } from '../../src/report/before_and_after.ts'
import { periodOf } from '../../src/report/period.ts'
import { errorOf, firstRequestOf, outageOf, recycleOf } from '../support/farms/sample_events.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const span: Span = { sinceMs: 0, untilMs: 10 * dayMs }

const mark = (day: number, text: string): Mark => ({ atMs: day * dayMs, text })

const lengthOf = ({ sinceMs, untilMs }: Span) => untilMs - sinceMs

const compare = (marks: readonly Mark[], events: Parameters<typeof compareMarks>[1] = []) =>
  compareMarks(marks, events, span, ['web01', 'web02'], lengthOf)

test('a mark that names one node is told by that node, any other by the farm', () => {
  const marks = [
    mark(2, 'set AlwaysRunning on web02.'),
    mark(4, 'new switch'),
    mark(6, 'web01 and web02 rebooted'),
    mark(8, 'web012 added'),
  ]
  expect(compare(marks).map(({ node }) => node)).toEqual(['web02', undefined, undefined, undefined])
})

test('each side reaches to the next mark that may have changed the same thing', () => {
  const marks = [mark(2, 'cured web01'), mark(4, 'cured web02'), mark(7, 'new switch')]
  const days = compare(marks).map(({ before, after }) => [
    before.sinceMs / dayMs,
    before.untilMs / dayMs,
    after.untilMs / dayMs,
  ])
  expect(days).toEqual([
    [0, 2, 7],
    [0, 4, 7],
    [0, 7, 10],
  ])
})

test('a mark with nothing watched on one side compares nothing', () => {
  expect(compare([mark(0, 'at the very beginning')])).toEqual([])
})

test("a node's mark counts what that node is blamed for, its recycles and its first requests", () => {
  const events = [
    errorOf('web01', dayMs),
    errorOf('web02', dayMs + 1000),
    recycleOf('web01', dayMs),
    firstRequestOf('web01', dayMs, 9000),
    firstRequestOf('web02', dayMs, 20_000),
    firstRequestOf('web01', 6 * dayMs, 300),
  ]
  const [comparison] = compare([mark(5, 'web01 cured')], events)
  expect(comparison?.before).toMatchObject({ errors: { 502: 1 }, recycles: 1, firstRequest: { maxMs: 9000 } })
  expect(comparison?.firstRequestP95Ms).toMatchObject({
    before: { value: 9000 },
    after: { value: 300 },
    sure: false,
  })
})

/** Five errors within as many seconds. */
const bunch = (atMs: number) => [0, 1, 2, 3, 4].map((second) => errorOf('web01', atMs + second * 1000))

test('errors less than a minute apart are one bunch, and a rate is as uncertain as the bunches are few', () => {
  const clustered = periodOf([...bunch(0), ...bunch(dayMs)], span, 10 * dayMs)
  const scattered = periodOf(
    Array.from({ length: 10 }, (_, index) => errorOf('web01', index * hourMs)),
    span,
    10 * dayMs,
  )
  expect([clustered.bunches, scattered.bunches]).toEqual([2, 10])
  expect([clustered.badGatewaysPerDay.value, scattered.badGatewaysPerDay.value]).toEqual([1, 1])
  expect(clustered.badGatewaysPerDay.high).toBeGreaterThan(2 * (scattered.badGatewaysPerDay.high ?? 0) - 1)
  expect(clustered.badGatewaysPerDay.low).toBeLessThan(scattered.badGatewaysPerDay.low)
})

test('time lost is counted once where outages of several checks overlap, clipped to the span, without maintenance', () => {
  const day: Span = { sinceMs: dayMs, untilMs: 2 * dayMs }
  const events = [
    outageOf('balancer', dayMs - 5000, 10_000),
    { ...outageOf('balancer', dayMs + 1000, 10_000), check: 'api' },
    { ...outageOf('balancer', dayMs + hourMs, 10_000), maintenance: true },
    outageOf('web01', dayMs + hourMs, 10_000),
  ]
  expect(periodOf(events, day, dayMs).lostMs).toBe(11_000)
})

test('an outage that is not over lasts until now', () => {
  const { kind: _, lengthMs: __, failures: ___, ...rest } = outageOf('balancer', 2 * hourMs, 0)
  const opened = { ...rest, kind: 'outage_opened', detail: '' } as const
  expect(periodOf([opened], { sinceMs: hourMs, untilMs: 5 * hourMs }, 4 * hourMs).lostMs).toBe(3 * hourMs)
})

test('what bursts met is a bunch, but no rate of errors', () => {
  const day: Span = { sinceMs: 0, untilMs: dayMs }
  const tick = errorOf('web01', 0)
  const bursts = [1, 2, 3].map((atMs) => errorOf('web01', atMs, { lane: 'burst' }))
  expect(periodOf([tick, ...bursts], day, dayMs)).toMatchObject({
    errors: { 502: 1 },
    bunches: 1,
    badGatewaysPerDay: { value: 1 },
  })
  expect(periodOf(bursts, day, dayMs)).toMatchObject({
    errors: {},
    bunches: 1,
    badGatewaysPerDay: { value: 0 },
  })
})
