import {
  type Baseline,
  createBaseline,
  forgetColdStart,
  observeBaseline,
  suspicious,
} from '../detect/baseline.ts'
import { endedMs, type Outcome } from '../model/outcome.ts'

/** What is usual for one check on one target, and what is not. */
export interface Suspicion {
  /** Whether a good answer is far slower than usual; learns what is usual from what it is shown. */
  observe(outcome: Outcome): boolean
  /** What was slow in this time, wall milliseconds, waited for a new worker: it is not usual. */
  recycled(fromMs: number, untilMs: number): void
  /**
   * How many milliseconds after its start a probe without a first byte is far slower than usual, whatever comes;
   * infinity while too little is known.
   */
  patienceMs(): number
}

/** How fast the longest way to the request is forgotten, by each tick. */
const forgotten = 0.1
/** How much longer it may become by one tick: a lost packet or bad weather must not look like the usual. */
const mostMs = (reachMs: number) => 2 * reachMs + 10

/**
 * The suspicion of one check on one target. It has a baseline of its own, on the prober thread, because bursts cannot
 * wait for the main thread; the memory of it is taken with the first answer.
 */
export function createSuspicion(): Suspicion {
  let baseline: Baseline | undefined
  /** At most so long, lately, it took to get as far as the request: connection and TLS are no part of the baseline. */
  let reachMs = 0
  return {
    observe(outcome) {
      const { firstByteMs, lane } = outcome
      if (outcome.reason !== 'ok' || outcome.suspect || firstByteMs === undefined) return false
      baseline ??= createBaseline()
      const isSlow = suspicious(baseline, firstByteMs)
      if (lane === 'tick' || lane === 'canary') {
        observeBaseline(baseline, firstByteMs, endedMs(outcome))
        const tookMs = outcome.totalMs - firstByteMs - (outcome.phaseMs.transfer ?? 0)
        const fadedMs = reachMs + forgotten * (tookMs - reachMs)
        reachMs = Math.min(mostMs(reachMs), Math.max(tookMs, fadedMs))
      }
      return isSlow
    },
    recycled(fromMs, untilMs) {
      if (baseline !== undefined) forgetColdStart(baseline, fromMs, untilMs)
    },
    patienceMs: () => (baseline === undefined ? Number.POSITIVE_INFINITY : reachMs + baseline.slowMs),
  }
}
