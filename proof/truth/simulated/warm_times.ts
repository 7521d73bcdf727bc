import type { Outcome } from '../../../src/model/outcome.ts'

/** Warm times to first byte, by target and check: a histogram fine enough for quantiles to 1 %. */
export interface WarmTimes {
  add(target: string, check: string, outcome: Pick<Outcome, 'firstByteMs'>): void
  /** The time that `share` of the answers do not exceed, in milliseconds; undefined when there were none. */
  quantileMs(target: string, check: string, share: number): number | undefined
}

const leastMs = 0.05
const step = Math.log(1.01)
const buckets = 1800

export function createWarmTimes(): WarmTimes {
  const counts = new Map<string, Uint32Array>()
  return {
    add(target, check, { firstByteMs }) {
      if (firstByteMs === undefined) return
      const key = `${target} ${check}`
      let known = counts.get(key)
      if (known === undefined) {
        known = new Uint32Array(buckets)
        counts.set(key, known)
      }
      const bucket = Math.floor(Math.log(Math.max(firstByteMs, leastMs) / leastMs) / step)
      const at = Math.min(bucket, buckets - 1)
      known[at] = (known[at] ?? 0) + 1
    },
    quantileMs(target, check, share) {
      const known = counts.get(`${target} ${check}`)
      if (known === undefined) return undefined
      const total = known.reduce((sum, count) => sum + count, 0)
      let rank = Math.ceil(share * total)
      const bucket = known.findIndex((count) => (rank -= count) <= 0)
      return leastMs * Math.exp(step * (bucket + 0.5))
    },
  }
}
