import { quantile } from '../statistics.ts'

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
