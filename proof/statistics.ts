import { quantile as quantileOfSorted } from '../src/history/quantile.ts'

/** The quantile of values in any order; NaN of none. */
export const quantile = (values: readonly number[], q: number): number =>
  quantileOfSorted(
    values.toSorted((a, b) => a - b),
    q,
  ) ?? Number.NaN

/** The middle value; of an even count the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** Lowest and highest value, to show beside a median how far the rounds lay apart. */
export function spread(values: readonly number[]): readonly [low: number, high: number] {
  return [Math.min(...values), Math.max(...values)]
}
