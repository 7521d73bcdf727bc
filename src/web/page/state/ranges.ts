/** The time ranges that can be looked at: as far back as there is data. */
import { now } from './server_clock.ts'

export interface Range {
  readonly name: string
  readonly words: string
  readonly ms: number
}

const hourMs = 3_600_000

const ranges: readonly Range[] = [
  { name: '15m', words: '15 minutes', ms: hourMs / 4 },
  { name: '1h', words: '1 hour', ms: hourMs },
  { name: '6h', words: '6 hours', ms: 6 * hourMs },
  { name: '24h', words: '24 hours', ms: 24 * hourMs },
  { name: '7d', words: '7 days', ms: 7 * 24 * hourMs },
  { name: '30d', words: '30 days', ms: 30 * 24 * hourMs },
  { name: '90d', words: '90 days', ms: 90 * 24 * hourMs },
]

/** The ranges that the data fills, and the first that it does not. */
export function offeredRanges(oldestMs: number): readonly Range[] {
  const firstBeyond = ranges.findIndex(({ ms }) => now() - ms <= oldestMs)
  return firstBeyond < 0 ? ranges : ranges.slice(0, Math.max(2, firstBeyond + 1))
}

/** The range of that name, or else the usual one; the longest offered where that is longer than the data. */
export function rangeNamed(oldestMs: number, name: string | undefined, usual: string): Range {
  const all = offeredRanges(oldestMs)
  const wanted = ranges.some((range) => range.name === name) ? name : usual
  return all.find((range) => range.name === wanted) ?? (all.at(-1) as Range)
}
