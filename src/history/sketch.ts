/**
 * Quantiles of many times in little space: counts in buckets that all have the same relative width, so that sketches
 * of two minutes, or of two nodes, add up to the sketch of both. After DDSketch (Masson, Rim and Lee, "DDSketch: A
 * fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019).
 */

/** A quantile is off by this share of its value at most. */
export const relativeError = 0.02

const gamma = (1 + relativeError) / (1 - relativeError)
const logGamma = Math.log(gamma)

/** Shorter times are counted as this one, in milliseconds. */
export const leastMs = 0.01

/** How many times fell into each bucket. */
export type Sketch = Map<number, number>

const bucketOf = (ms: number): number => Math.ceil(Math.log(Math.max(ms, leastMs)) / logGamma)

/** The bucket of the shortest times: no other is lower. */
export const leastBucket = bucketOf(leastMs)

/** The time, in milliseconds, from which everything in the bucket differs by `relativeError` at most. */
const middleMs = (bucket: number): number => (2 * gamma ** bucket) / (gamma + 1)

/** Counts a time in milliseconds. */
export function addTime(sketch: Sketch, ms: number): void {
  const bucket = bucketOf(ms)
  sketch.set(bucket, (sketch.get(bucket) ?? 0) + 1)
}

/** Adds what `other` counted. */
export function mergeSketch(into: Sketch, other: Sketch): void {
  for (const [bucket, count] of other) into.set(bucket, (into.get(bucket) ?? 0) + count)
}

export function countOf(sketch: Sketch): number {
  let total = 0
  for (const count of sketch.values()) total += count
  return total
}

/** The times in milliseconds that shares (0 to 1, ascending) of all keep to; none when there is no time. */
export function quantilesMs(sketch: Sketch, shares: readonly number[]): number[] {
  const buckets = [...sketch].sort(([a], [b]) => a - b)
  const last = countOf(sketch) - 1
  let at = 0
  let seen = buckets[0]?.[1] ?? 0
  return buckets.length === 0
    ? []
    : shares.map((share) => {
        while (seen <= share * last) seen += buckets[++at]?.[1] ?? 0
        return middleMs(buckets[at]?.[0] ?? 0)
      })
}
