/**
 * The thread that probes on demand, as the main thread sees it. It is a thread of its own: what a client asks for can
 * disturb neither the schedule's measurements nor our pages, and a probe that never ends is ended with its thread.
 */
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { createRequestThread } from '../runtime/request_thread.ts'
import type { OnDemandRequests, Order, Settings } from './on_demand_messages.ts'
import { shownTarget } from './visit.ts'

export interface ThreadOptions {
  /** The module that the thread runs. */
  readonly entry: URL
  readonly clock: Clock
  readonly log: Log
}

export interface OnDemandThread {
  /** Holds for the probes that begin from now on. */
  settle(settings: Settings): void
  /** The answer's text; undefined when there is none, because it was aborted or the thread ended. */
  probe(order: Order, signal: AbortSignal): Promise<string | undefined>
  inFlight(): number
  stop(): Promise<void>
}

/** What a probe may take beyond its time limit, such as to look through a long body, before its thread is ended. */
const patienceMs = 10_000

/** The first probe starts the thread, and so does the first one after it has ended. */
export function createOnDemandThread({ entry, clock, log }: ThreadOptions): OnDemandThread {
  const thread = createRequestThread<OnDemandRequests>({
    entry,
    name: 'probes on demand',
    onFailure: (cause) =>
      log.error(
        { self: 'on_demand', error: cause.stack ?? cause.message },
        'the thread that probes on demand ended; the next probe on demand restarts it',
      ),
  })
  return {
    settle: thread.configure,
    probe(order, signal) {
      const { module, target, timeoutMs } = order
      const cancel = clock.after(timeoutMs + patienceMs, () => {
        log.error(
          { self: 'on_demand', module, target: shownTarget(target) },
          'a probe on demand does not end, so its thread is ended',
        )
        void thread.terminate()
      })
      return thread
        .ask(order, signal)
        .catch(() => undefined)
        .finally(cancel)
    },
    inFlight: thread.pending,
    stop: thread.terminate,
  }
}
