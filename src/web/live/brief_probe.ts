import { type Outcome, proofOf } from '../../model/outcome.ts'
import type { BriefProbe } from '../api/schemas.ts'

/** An outcome in brief, its times rounded to hundredths of a millisecond. */
export function briefProbe(outcome: Outcome): BriefProbe {
  const { startedMs, lane, reason, status, firstByteMs, totalMs } = outcome
  return {
    atMs: Math.round(startedMs),
    lane,
    proof: proofOf(outcome),
    reason,
    status,
    ...(firstByteMs !== undefined && { firstByteMs: rounded(firstByteMs) }),
    totalMs: rounded(totalMs),
  }
}

/** To hundredths: nobody reads more, and it would double the bytes. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100
