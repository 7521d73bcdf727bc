import type { Farm } from '../../../src/model/farm.ts'
import { endedMs, type Order, type Outcome } from '../../../src/model/outcome.ts'
import { createScheduler } from '../../../src/schedule/scheduler.ts'
import type { VirtualClock } from './virtual_clock.ts'

export interface VirtualSchedule {
  readonly scheduler: ReturnType<typeof createScheduler>
  /** Lets time pass up to a moment, wall milliseconds, with everything that falls due. */
  runUntil(untilMs: number): Promise<void>
}

/** Awaited, it lets promises that are due run. */
const aMoment = Promise.resolve()

/**
 * Probes a farm in virtual time as the prober thread's own scheduler does. `respond` makes a probe and gives its outcome
 * at once; `onOutcome` gets it when the probe has ended.
 */
export function createVirtualSchedule(
  farm: Farm,
  clock: VirtualClock,
  respond: (order: Order, nowMs: number) => Outcome,
  onOutcome: (outcome: Outcome) => void,
): VirtualSchedule {
  const count = { ended: 0, delivered: 0 }
  const probe = (order: Order): Promise<Outcome> => {
    const outcome = respond(order, clock.wallMs())
    return new Promise((resolve) => {
      clock.after(endedMs(outcome) - clock.wallMs(), () => {
        count.ended += 1
        resolve(outcome)
      })
    })
  }
  const outcome = (each: Outcome) => {
    count.delivered += 1
    onOutcome(each)
  }
  const scheduler = createScheduler({ clock, probe, originMs: 0, emit: { outcome, missed: () => undefined } })
  scheduler.apply([farm])
  return {
    scheduler,
    async runUntil(untilMs) {
      while (clock.nextMs() < untilMs) {
        clock.step()
        // What follows from the end of a probe comes by promises: time stands still until it has happened.
        while (count.delivered < count.ended) await aMoment
      }
    },
  }
}
