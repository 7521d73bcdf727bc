import { type Baseline, createBaseline, observeBaseline, suspicious } from '../model/baseline.ts'
import { endedMs, type Outcome } from '../model/outcome.ts'

/** Whether a good answer is far slower than usual for its target; learns what is usual from what it is shown. */
export type Suspicion = (outcome: Outcome) => boolean

/**
 * The suspicion of one check on one target. It has a baseline of its own, on the prober thread, because bursts cannot
 * wait for the main thread; the memory of it is taken with the first answer.
 */
export function createSuspicion(): Suspicion {
  let baseline: Baseline | undefined
  return (outcome) => {
    const { firstByteMs, lane } = outcome
    if (outcome.reason !== 'ok' || outcome.suspect || firstByteMs === undefined) return false
    baseline ??= createBaseline()
    const isSlow = suspicious(baseline, firstByteMs)
    if (lane === 'tick' || lane === 'canary') observeBaseline(baseline, firstByteMs, endedMs(outcome))
    return isSlow
  }
}
