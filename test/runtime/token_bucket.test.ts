import { expect, test } from 'vitest'
import { fullBucket, takeTokens } from '../../src/runtime/token_bucket.ts'

const rate = { intervalMs: 100, burst: 3 }

/** What single takes at these times, in milliseconds, get. */
function takes(timesMs: readonly number[]): number[] {
  let bucket = fullBucket(rate)
  return timesMs.map((nowMs) => {
    const { taken, bucket: left } = takeTokens(bucket, 1, rate, nowMs)
    bucket = left
    return taken
  })
}

test('a burst passes at once, then one for each interval, and never more than the burst after a pause', () => {
  expect(takes([0, 0, 0, 0])).toEqual([1, 1, 1, 0])
  expect(takes([0, 0, 0, 99, 100, 100])).toEqual([1, 1, 1, 0, 1, 0])
  expect(takes([0, 0, 0, 3_600_000, 3_600_000, 3_600_000, 3_600_000])).toEqual([1, 1, 1, 1, 1, 1, 0])
})

test('a request for several tokens gets as many as there are', () => {
  const { taken, bucket } = takeTokens(fullBucket(rate), 5, rate, 0)
  expect(taken).toBe(3)
  expect(takeTokens(bucket, 5, rate, 250).taken).toBe(2)
})

test('a clock that goes back refills nothing', () => {
  expect(takes([1000, 1000, 1000, 0, 100])).toEqual([1, 1, 1, 0, 1])
})
