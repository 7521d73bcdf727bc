import { assert, double, integer, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { shareOf } from '../../src/runtime/share.ts'
import { firstSlot, gridOf, lastSlot, slotAt } from '../../src/schedule/grid.ts'

const someTime = double({ min: 0, max: 1e10, noNaN: true })
const someInterval = integer({ min: 50, max: 86_400_000 })

test('the first slot from a moment on is due then or later, and the one before it earlier', () => {
  assert(
    property(string(), someInterval, someTime, someTime, (farm, intervalMs, originMs, fromMs) => {
      const grid = gridOf(farm, intervalMs, originMs)
      const k = firstSlot(grid, fromMs)
      expect(slotAt(grid, k)).toBeGreaterThanOrEqual(fromMs)
      expect(slotAt(grid, k - 1)).toBeLessThan(fromMs)
    }),
  )
})

test('a slot is the first from its own due time on, and the last until then', () => {
  assert(
    property(
      string(),
      someInterval,
      someTime,
      integer({ min: 0, max: 1e6 }),
      (farm, intervalMs, originMs, k) => {
        const grid = gridOf(farm, intervalMs, originMs)
        expect(firstSlot(grid, slotAt(grid, k))).toBe(k)
        expect(lastSlot(grid, slotAt(grid, k))).toBe(k)
      },
    ),
  )
})

const wallPlace = (originMs: number) => (slotAt(gridOf('intranet', 5000, originMs), 3) + originMs) % 5000

test('in wall time the slots of a farm are the same whenever it is started', () => {
  expect(wallPlace(1_700_000_000_123)).toBe(wallPlace(1_700_000_777_000))
  expect(wallPlace(1_700_000_000_123) % 1).toBe(0)
})

test('farms whose names differ in a digit are spread over the interval', () => {
  const shares = Array.from({ length: 100 }, (_, index) => shareOf(`farm-${index}`)).sort((a, b) => a - b)
  const gaps = shares.slice(1).map((place, index) => place - (shares[index] ?? 0))
  expect(Math.max(...gaps)).toBeLessThan(0.1)
})
