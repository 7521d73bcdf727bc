import { expect, test } from 'vitest'
import { hourMs } from '../../../src/runtime/duration.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { latency } from '../../../src/simulator/farm/blueprint_parts.ts'
import { about, fixed } from '../../../src/simulator/farm/chance.ts'
import { createLatency } from '../../../src/simulator/node/latency.ts'
import { stillLatency } from '../../support/farms/still_farm.ts'

function draws(plan: Parameters<typeof createLatency>[0], count = 20_000, stepMs = 1000): number[] {
  const draw = createLatency(plan, seededRandom(3), () => undefined)
  return Array.from({ length: count }, (_, index) => draw(index * stepMs, 0))
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0

test('the body is log-normal: half below the median, symmetric on a logarithmic scale', () => {
  const values = draws(stillLatency({ body: about(40, 0.5) }))
  expect(quantile(values, 0.5)).toBeGreaterThan(39)
  expect(quantile(values, 0.5)).toBeLessThan(41)
  expect(quantile(values, 0.84) / quantile(values, 0.5)).toBeCloseTo(Math.exp(0.5), 1)
})

test('a tail makes few answers many times slower', () => {
  const tail = { share: 0.01, times: 5, alpha: 2 }
  const values = draws(stillLatency({ tail }))
  const slow = values.filter((ms) => ms >= 100)
  expect(slow.length / values.length).toBeCloseTo(0.01, 2)
  expect(slow.length).toBe(values.filter((ms) => ms > 20).length)
  expect(Math.max(...values)).toBeGreaterThan(400)
})

test('a second hump has its own median', () => {
  const values = draws(stillLatency({ hump: { share: 0.1, body: fixed(1200) } }))
  expect(new Set(values)).toEqual(new Set([20, 1200]))
  expect(values.filter((ms) => ms === 1200).length / values.length).toBeCloseTo(0.1, 1)
})

test('a pause delays every request that falls into it', () => {
  const draw = createLatency(
    stillLatency({ gc: { everyMs: 60_000, pause: fixed(500) } }),
    seededRandom(3),
    () => undefined,
  )
  const values = Array.from({ length: 200_000 }, (_, index) => draw(index * 100, 0))
  const held = values.filter((ms) => ms > 20)
  expect(held.length / values.length).toBeCloseTo(520 / 60_500, 2)
  expect(Math.max(...held)).toBeLessThanOrEqual(520)
  expect(Math.max(...held)).toBeGreaterThan(490)
  const first = values.findIndex((ms) => ms > 20)
  expect((values[first] ?? 0) - (values[first + 1] ?? 0)).toBeCloseTo(100)
})

test('pauses are met as often by rare requests', () => {
  const values = draws(stillLatency({ gc: { everyMs: 60_000, pause: fixed(500) } }), 50_000, 3_600_000)
  expect(values.filter((ms) => ms > 20).length / values.length).toBeCloseTo(520 / 60_500, 2)
})

test('load follows the day', () => {
  const draw = createLatency(stillLatency({ load: 0.5 }), seededRandom(3), () => undefined)
  expect(draw(2 * hourMs, 0)).toBeCloseTo(20)
  expect(draw(14 * hourMs, 0)).toBeCloseTo(30)
})

test('an ageing worker slows down up to a limit', () => {
  const draw = createLatency(
    stillLatency({ ageing: { perHour: 0.1, limit: 3 } }),
    seededRandom(3),
    () => undefined,
  )
  expect([0, 5, 10, 100].map((hours) => draw(0, hours * hourMs))).toEqual([20, 30, 40, 60])
})

test('no request takes longer than the application lets it', () => {
  const values = draws(latency({ tail: { share: 0.5, times: 100, alpha: 0.5 }, longestMs: 7000 }))
  expect(Math.max(...values)).toBe(7000)
})
