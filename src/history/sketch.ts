/**
 * Quantiles of many times in little space: counts in buckets that all have the same relative width, so that sketches
 * of two minutes, or of two nodes, add up to the sketch of both. After DDSketch (Masson, Rim and Lee, "DDSketch: A
 * fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019).
 */
import { rankOf } from './quantile.ts'

/** A quantile is off by this share of its value at most. */
export const relativeError = 0.02

const gamma = (1 + relativeError) / (1 - relativeError)
const logGamma = Math.log(gamma)

/** Shorter times are counted as this one, in milliseconds. */
export const leastMs = 0.01

/** How many times fell into each bucket: bucket, count, bucket, count ... in ascending order. */
export type Sketch = number[]

const bucketOf = (ms: number): number => Math.ceil(Math.log(Math.max(ms, leastMs)) / logGamma)

/** The bucket of the shortest times: no other is lower. */
export const leastBucket = bucketOf(leastMs)

/** The bucket of the longest time that a Date can express. */
export const greatestBucket = bucketOf(8.64e15)

/** The time, in milliseconds, from which everything in the bucket differs by `relativeError` at most. */
const middleMs = (bucket: number): number => (2 * gamma ** bucket) / (gamma + 1)

/** Counts a time in milliseconds. */
export const addTime = (sketch: Sketch, ms: number): void =>
  void addCount(sketch, sketch.length, bucketOf(ms), 1)

/** Adds all that `other` holds. */
export function addSketch(into: Sketch, other: Sketch): void {
  let at = into.length
  for (let next = other.length - 2; next >= 0; next -= 2)
    at = addCount(into, at, other[next] as number, other[next + 1] as number)
}

/** Adds to a bucket that is not above the one before `end`, or to a new one; returns where it is. */
function addCount(sketch: Sketch, end: number, bucket: number, count: number): number {
  let at = end
  while (at > 0 && (sketch[at - 2] as number) > bucket) at -= 2
  if (at > 0 && sketch[at - 2] === bucket) {
    sketch[at - 1] = (sketch[at - 1] as number) + count
    return at - 2
  }
  if (at === sketch.length) sketch.push(bucket, count)
  else sketch.splice(at, 0, bucket, count)
  return at
}

export function countOf(sketch: Sketch): number {
  let total = 0
  for (let at = 1; at < sketch.length; at += 2) total += sketch[at] as number
  return total
}

/** The quantiles in milliseconds for shares in ascending order; none when there is no time. */
export function quantilesMs(sketch: Sketch, shares: readonly number[]): number[] {
  if (sketch.length === 0) return []
  const count = countOf(sketch)
  let at = 0
  let seen = sketch[1] as number
  return shares.map((share) => {
    while (seen <= rankOf(share, count)) {
      at += 2
      seen += sketch[at + 1] as number
    }
    return middleMs(sketch[at] as number)
  })
}
