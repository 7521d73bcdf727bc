import { expect, test } from 'vitest'
import { median, quantile, spread } from '../../../proof/statistics.ts'

test('the median of an even count is the mean of the two in the middle', () => {
  expect(median([10, 1, 3, 2])).toBe(2.5)
  expect(median([9, 1, 5])).toBe(5)
})

test('a quantile is one of the values: the smallest that so large a share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(quantile(hundred, 0.5)).toBe(50)
  expect(quantile(hundred, 0.99)).toBe(99)
  expect(quantile([7], 0.99)).toBe(7)
})

test('no values have no median and no quantile', () => {
  expect([median([]), quantile([], 0.5)]).toEqual([Number.NaN, Number.NaN])
})

test('the spread is the lowest and the highest', () => {
  expect(spread([3, 1, 2])).toEqual([1, 3])
})
