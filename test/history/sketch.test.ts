import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { quantile } from '../../src/history/quantile.ts'
import {
  addSketch,
  addTime,
  countOf,
  leastMs,
  quantilesMs,
  relativeError,
  type Sketch,
} from '../../src/history/sketch.ts'

const sketchOf = (times: readonly number[]): Sketch => {
  const sketch: Sketch = []
  for (const ms of times) addTime(sketch, ms)
  return sketch
}

const times = fc.array(fc.double({ min: leastMs, max: 300_000, noNaN: true }), {
  minLength: 1,
  maxLength: 400,
})
const share = fc.double({ min: 0, max: 1, noNaN: true })

test('every quantile is within the relative error of the exact one', () => {
  fc.assert(
    fc.property(times, share, (all, q) => {
      const exact = quantile(
        all.toSorted((a, b) => a - b),
        q,
      ) as number
      const [told = Number.NaN] = quantilesMs(sketchOf(all), [q])
      // A hair more for the rounding of logarithms.
      expect(Math.abs(told - exact) / exact).toBeLessThanOrEqual(relativeError + 1e-9)
    }),
  )
})

test('several quantiles at once are the same as each by itself', () => {
  fc.assert(
    fc.property(times, fc.array(share), (all, shares) => {
      const sketch = sketchOf(all)
      const sorted = shares.toSorted((a, b) => a - b)
      expect(quantilesMs(sketch, sorted)).toEqual(sorted.flatMap((each) => quantilesMs(sketch, [each])))
    }),
  )
})

test('the sketches of two minutes add up to the sketch of both', () => {
  fc.assert(
    fc.property(times, times, (one, other) => {
      const merged = sketchOf(one)
      addSketch(merged, sketchOf(other))
      expect(merged).toEqual(sketchOf([...one, ...other]))
      expect(countOf(merged)).toBe(one.length + other.length)
    }),
  )
})

test('times too short to measure count as the shortest, and an empty sketch has no quantile', () => {
  expect(quantilesMs(sketchOf([0, -1, 1e-9]), [1])[0]).toBeCloseTo(leastMs, 3)
  expect(quantilesMs([], [0.5])).toEqual([])
})
