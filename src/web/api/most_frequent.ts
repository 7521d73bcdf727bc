import type { Reason } from '../../model/outcome.ts'
import type { Step } from '../past.ts'

/** The failures of several steps together. */
export function mergeReasons(steps: readonly Pick<Step, 'reasons'>[]): Partial<Record<Reason, number>> {
  const merged: Partial<Record<Reason, number>> = {}
  for (const { reasons } of steps)
    for (const [reason, count] of Object.entries(reasons) as [Reason, number][])
      merged[reason] = (merged[reason] ?? 0) + count
  return merged
}

/** The reason that was met most often; undefined when none was. */
export const mostFrequent = (reasons: Partial<Record<Reason, number>>): Reason | undefined =>
  (Object.entries(reasons) as [Reason, number][]).toSorted(([, a], [, b]) => b - a)[0]?.[0]
