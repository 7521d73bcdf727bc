/** Collects what a prober has to report, so that the main thread is woken ten times a second and not by every probe. */
import type { Outcome, Subject } from '../../model/outcome.ts'
import type { Cancel, Clock } from '../../runtime/clock.ts'
import type { Batch, LoopDelay, Missed } from './prober_messages.ts'

const usualWaitMs = 100
/** Failures are reported sooner. */
const failureWaitMs = 10
/** A prober with nothing to report sends an empty batch: silence would mean that it hangs. */
const heartbeatMs = 1000

export interface BatcherOptions {
  readonly clock: Clock
  readonly prober: number
  readonly send: (batch: Batch) => void
  readonly inFlight: () => number
  readonly loopDelay: () => LoopDelay | undefined
}

/** A batcher whose heartbeat has begun. */
export function createBatcher({ clock, prober, send, inFlight, loopDelay }: BatcherOptions) {
  let outcomes: Outcome[] = []
  let missed: Missed[] = []
  let costly: Subject[] = []
  let cancel: Cancel | undefined
  let dueMs = Number.POSITIVE_INFINITY

  const flush = () => {
    const delay = loopDelay()
    send({
      prober,
      outcomes,
      missed,
      inFlight: inFlight(),
      ...(delay && { loopDelay: delay }),
      ...(costly.length > 0 && { costly }),
    })
    outcomes = []
    missed = []
    costly = []
    dueMs = Number.POSITIVE_INFINITY
    flushWithin(heartbeatMs)
  }
  const flushWithin = (waitMs: number) => {
    const wantedMs = clock.monotonicMs() + waitMs
    if (wantedMs >= dueMs) return
    cancel?.()
    dueMs = wantedMs
    cancel = clock.after(waitMs, flush)
  }
  flushWithin(heartbeatMs)
  return {
    outcome(outcome: Outcome) {
      outcomes.push(outcome)
      flushWithin(outcome.reason === 'ok' ? usualWaitMs : failureWaitMs)
    },
    missed(subject: Subject, count: number) {
      missed.push({ subject, count })
      flushWithin(usualWaitMs)
    },
    costly(subject: Subject) {
      costly.push(subject)
      flushWithin(failureWaitMs)
    },
    stop() {
      flush()
      cancel?.()
    },
  }
}
