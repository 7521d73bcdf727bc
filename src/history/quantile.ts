/** Quantiles are nearest ranks everywhere: the least value that a share `q` (0 to 1) of all values does not exceed. */

/** The index of the quantile among `count` sorted values. */
export const rankOf = (q: number, count: number): number => Math.max(0, Math.ceil(q * count) - 1)

/** The quantile of values in ascending order; undefined when there are none. */
export const quantile = (sorted: readonly number[], q: number): number | undefined =>
  sorted[rankOf(q, sorted.length)]
