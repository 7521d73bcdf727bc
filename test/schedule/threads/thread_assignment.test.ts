import { expect, test } from 'vitest'
import { place, probersFor, rateOf } from '../../../src/schedule/threads/thread_assignment.ts'
import { sampleCheck, sampleFarm } from '../../support/farms/sample_farm.ts'

/** A farm of three targets at so many probes a second. */
const farmAt = (name: string, perSecond: number) =>
  sampleFarm({
    name,
    checks: [sampleCheck({ schedule: { kind: 'interval', intervalMs: 3000 / perSecond } })],
  })

test('the rate of a farm counts every check on every target', () => {
  expect(rateOf(farmAt('a', 6))).toBeCloseTo(6)
  expect(rateOf(sampleFarm({ checks: [sampleCheck({ targets: ['node'] }), sampleCheck()] }))).toBeCloseTo(1)
})

const rateOfCron = (cron: string) =>
  rateOf(
    sampleFarm({
      checks: [sampleCheck({ targets: ['balancer'], schedule: { kind: 'cron', cron, timezone: 'UTC' } })],
    }),
  )

test('a check on a cron schedule counts by its slots', () => {
  expect(rateOfCron('* * * * * *')).toBeCloseTo(1)
  expect(rateOfCron('*/5 * * * *')).toBeCloseTo(1 / 300)
})

test('a prober takes a thousand probes a second, and there are no more probers than allowed', () => {
  expect(probersFor([], 3)).toBe(1)
  expect(probersFor([farmAt('a', 900)], 3)).toBe(1)
  expect(probersFor([farmAt('a', 900), farmAt('b', 900)], 3)).toBe(2)
  expect(probersFor([farmAt('a', 9000)], 3)).toBe(3)
  expect(probersFor([farmAt('a', 9000)], 0)).toBe(1)
})

test('new farms go to the prober with the lowest rate', () => {
  const placed = place([farmAt('a', 500), farmAt('b', 300), farmAt('c', 100), farmAt('d', 100)], new Map(), 2)
  expect(Object.fromEntries(placed)).toEqual({ a: 0, b: 1, c: 1, d: 1 })
})

test('farms stay where they are when others come and go', () => {
  const before = new Map([
    ['a', 1],
    ['b', 1],
    ['gone', 0],
  ])
  const placed = place([farmAt('a', 100), farmAt('b', 100), farmAt('new', 100)], before, 2)
  expect(Object.fromEntries(placed)).toEqual({ a: 1, b: 1, new: 0 })
})

test('a farm is moved only from a prober that has too much', () => {
  const farms = ['a', 'b', 'c', 'd'].map((name) => farmAt(name, 450))
  const before = new Map(farms.map(({ name }) => [name, 0]))
  expect(Object.fromEntries(place(farms, before, 2))).toEqual({ a: 0, b: 0, c: 1, d: 1 })
  expect(Object.fromEntries(place(farms, before, 1))).toEqual({ a: 0, b: 0, c: 0, d: 0 })
})

test('farms of a prober that is late are moved until each has its share', () => {
  const farms = ['a', 'b', 'c', 'd'].map((name) => farmAt(name, 45))
  const before = new Map(farms.map(({ name }) => [name, 0]))
  expect(Object.fromEntries(place(farms, before, 2))).toEqual({ a: 0, b: 0, c: 0, d: 0 })
  expect(Object.fromEntries(place(farms, before, 2, true))).toEqual({ a: 0, b: 0, c: 1, d: 1 })
})
