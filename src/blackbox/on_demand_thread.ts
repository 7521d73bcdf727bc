/**
 * The thread that probes on demand, as the main thread sees it. It is a thread of its own: what a client asks for can
 * disturb neither the schedule's measurements nor our pages, and a probe that never ends is ended with its thread.
 */
import type { AllowedTargets } from '../addresses/allowed_target.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { createRequestThread } from '../runtime/request_thread.ts'
import type { Modules } from './module/module.ts'
import { shownTarget } from './module_request.ts'

/** What probes may do, and how. */
export interface OnDemandSettings {
  readonly modules: Modules
  readonly allowed: AllowedTargets
}

/** One probe on demand. */
export interface OnDemandOrder {
  readonly module: string
  readonly target: string
  readonly hostname: string | undefined
  readonly timeoutMs: number
  /** Reply with the debug text instead of the metrics. */
  readonly debug: boolean
}

/** The messages between both threads. All of them survive a structured clone. */
export interface OnDemandRequests {
  readonly request: OnDemandOrder
  /** The whole answer; undefined when the probe was aborted. */
  readonly reply: string | undefined
  readonly settings: OnDemandSettings
}

export interface ThreadOptions {
  /** The module that the thread runs. */
  readonly entry: URL
  readonly clock: Clock
  readonly log: Log
}

export interface OnDemandThread {
  /** Holds for the probes that begin from now on. */
  configure(settings: OnDemandSettings): void
  /** The answer's text; undefined when there is none, because it was aborted or the thread ended. */
  probe(order: OnDemandOrder, signal: AbortSignal): Promise<string | undefined>
  inFlight(): number
  stop(): Promise<void>
}

/** What a probe may take beyond its time limit, such as to search a long body, before its thread is ended. */
const graceMs = 10_000

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
    configure: thread.configure,
    probe(order, signal) {
      const { module, target, timeoutMs } = order
      const cancel = clock.after(timeoutMs + graceMs, () => {
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
