/** How long a target usually takes to answer, as its prober knows it: bursts cannot wait for the main thread. */
import {
  type Baseline,
  createBaseline,
  forgetColdStart,
  observeBaseline,
  suspicious,
} from '../detect/baseline.ts'
import type { FarmEvent } from '../model/event.ts'
import { endedMs, isScheduled, isSuspect, type Outcome } from '../model/outcome.ts'

/** A node has a new worker: what was slow there and at the balancer in this time, wall milliseconds, waited for it. */
export interface Recycled {
  readonly farm: string
  readonly target: string
  readonly fromMs: number
  readonly untilMs: number
}

/** What an event that is reported at `nowMs`, wall milliseconds, says of new workers; undefined when nothing. */
export function recycledBy(event: FarmEvent, nowMs: number): Recycled | undefined {
  // The first request may be answered long after the recycle was reported: the time then lasts until now.
  if (event.kind !== 'recycle' && event.kind !== 'first_request') return undefined
  const { farm, target, atMs } = event
  return { farm, target, fromMs: atMs, untilMs: nowMs }
}

/** How fast the longest time to the request is forgotten, by each tick. */
const forgotten = 0.1
/** How much longer it may become by one tick: a lost packet or bad weather must not look like the usual. */
const mostMs = (reachMs: number) => 2 * reachMs + 10

export type UsualTime = ReturnType<typeof createUsualTime>

/** What is usual for one check on one target; takes no memory for a baseline until the first answer. */
export function createUsualTime() {
  let baseline: Baseline | undefined
  /** The longest time, lately, from the start to the request sent: connection and TLS are no part of the baseline. */
  let reachMs = 0
  return {
    /** Whether a good answer is far slower than usual, also without what may be ours; learns what is usual. */
    observe(outcome: Outcome, machineMs: number): boolean {
      const { firstByteMs, lane } = outcome
      if (outcome.reason !== 'ok' || firstByteMs === undefined) return false
      baseline ??= createBaseline()
      const isSlow = suspicious(baseline, firstByteMs - outcome.latenessMs - machineMs)
      if (isScheduled(lane) && !isSuspect(outcome)) {
        observeBaseline(baseline, firstByteMs, endedMs(outcome))
        const tookMs = outcome.totalMs - firstByteMs - (outcome.phaseMs.transfer ?? 0)
        const fadedMs = reachMs + forgotten * (tookMs - reachMs)
        reachMs = Math.min(mostMs(reachMs), Math.max(tookMs, fadedMs))
      }
      return isSlow
    },
    /** What was slow in this time, wall milliseconds, waited for a new worker: it is not usual. */
    recycled(fromMs: number, untilMs: number): void {
      if (baseline !== undefined) forgetColdStart(baseline, fromMs, untilMs)
    },
    /**
     * How many milliseconds after its start a probe without a first byte takes long, as hardly one in ten does; infinity
     * while too little is known.
     */
    longAfterMs: (): number => reachMs + (baseline?.longMs ?? Number.POSITIVE_INFINITY),
    /** The same for one that is far slower than usual in any case; never less. */
    overdueAfterMs: (): number => reachMs + (baseline?.slowMs ?? Number.POSITIVE_INFINITY),
  }
}
