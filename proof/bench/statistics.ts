/** The value below which the given share (0 to 1) of the values lies, by the nearest-rank rule; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  const rank = Math.ceil(share * sorted.length)
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN
}

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

/** By how many milliseconds the first-byte times of a prober missed those that the targets timed themselves. */
export interface FirstByteErrors {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/**
 * Joins what a prober saw with what the targets held, by X-Farmprobe-Id.
 * @throws when fewer than 90 % of the probes due can be joined: the few in flight at either end are known to one side only
 */
export function firstByteErrors(
  outcomes: readonly (readonly [id: string, firstByteMs?: number])[],
  holdsMs: ReadonlyMap<string, number>,
  due: number,
): FirstByteErrors {
  const found = outcomes.flatMap(([id, firstByteMs]) => {
    const heldMs = holdsMs.get(id)
    return heldMs === undefined || firstByteMs === undefined ? [] : [Math.abs(firstByteMs - heldMs)]
  })
  if (found.length < due * 0.9)
    throw new Error(`only ${found.length} of ${due} probes can be joined with what the server timed`)
  return { p50: quantile(found, 0.5), p99: quantile(found, 0.99), max: quantile(found, 1) }
}
