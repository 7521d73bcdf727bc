import { describe, expect, test } from 'vitest'
import { quantile } from '../../src/history/quantile.ts'
import {
  chiSquare,
  countInterval,
  quantileInterval,
  weightedInterval,
} from '../../src/report/confidence_intervals.ts'

// The usual tables of the chi-square distribution, such as Abramowitz and Stegun, table 26.8.
test.each([
  [0.95, 1, 3.841],
  [0.975, 2, 7.378],
  [0.025, 10, 3.247],
  [0.975, 10, 20.483],
  [0.5, 30, 29.336],
  [0.95, 100, 124.342],
])('chi-square keeps to its %f quantile with %i degrees of freedom: %f', (p, degrees, value) => {
  expect(chiSquare(p, degrees)).toBeCloseTo(value, 2)
})

// Garwood's limits, as in Pearson and Hartley, "Biometrika Tables for Statisticians", table 40.
test.each([
  [0, 0, 3.689],
  [1, 0.0253, 5.572],
  [5, 1.623, 11.668],
  [10, 4.795, 18.39],
  [50, 37.11, 65.92],
])('%i independent things are between %f and %f', (count, low, high) => {
  const interval = countInterval(count)
  expect(interval.low).toBeCloseTo(low, 2)
  expect(interval.high).toBeCloseTo(high, 2)
})

describe('bunches', () => {
  test('of one are counted as independent things', () => {
    expect(weightedInterval([1, 1, 1, 1], 1)).toEqual(countInterval(4))
  })

  test('of ten each are ten times as many, and no more certain than their number', () => {
    const ones = countInterval(4)
    const tens = weightedInterval([10, 10, 10, 10], 10)
    expect(tens.low).toBeCloseTo(10 * ones.low, 6)
    expect(tens.high).toBeCloseTo(10 * ones.high, 6)
  })

  test('that are usual but absent may only have been missed', () => {
    expect(weightedInterval([], 5)).toEqual({ low: 0, high: 5 * countInterval(0).high })
  })
})

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a quantile', () => {
  // Tables of the binomial distribution: of 16 at one half, 3 or fewer have a chance of 0.0106, 12 or fewer 0.9894.
  test('lies between the order statistics that the binomial distribution gives', () => {
    expect(quantileInterval(upTo(16), 0.5)).toEqual({ low: 4, high: 13 })
    expect(quantileInterval(upTo(100), 0.5)).toEqual({ low: 40, high: 61 })
  })

  test('that is higher than so few values can show has no upper limit', () => {
    expect(quantileInterval(upTo(20), 0.95)).toEqual({ low: 17 })
    expect(quantileInterval([7], 0.5)).toEqual({ low: 0 })
    expect(quantileInterval([], 0.5)).toBeUndefined()
  })

  test('is one of the values, by the nearest rank', () => {
    expect(quantile(upTo(20), 0.95)).toBe(19)
    expect(quantile([3], 0.5)).toBe(3)
    expect(quantile([], 0.5)).toBeUndefined()
  })
})
