import { expect, test } from 'vitest'
import { greatest, least } from '../../src/runtime/extremes.ts'

test('a million values have a least and a greatest one', () => {
  const values = Array.from({ length: 1_000_000 }, (_, index) => (index * 7919) % 1_000_003)
  expect([least(values), greatest(values)]).toEqual([0, 1_000_002])
})

test('values may come one by one, and of none the extremes are those of Math', () => {
  expect(greatest(new Map([['a', 3]]).values())).toBe(3)
  expect([least([]), greatest([])]).toEqual([Math.min(), Math.max()])
})
