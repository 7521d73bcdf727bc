/**
 * The thread that probes on demand, as the main thread sees it. It is a thread of its own: what a stranger asks for
 * can disturb neither the schedule's measurements nor our pages, and a probe that never ends can be ended with it.
 */
import { Worker } from 'node:worker_threads'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import type { FromThread, Order, Settings, ToThread } from './on_demand_messages.ts'
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
  /** The answer's text; undefined when there is none, because it was called off or the thread died. */
  probe(order: Order, signal: AbortSignal): Promise<string | undefined>
  inFlight(): number
  stop(): Promise<void>
}

/** What a probe may take beyond its time limit, such as to look through a long body, before its thread is given up. */
const patienceMs = 10_000

/** From the first probe until the thread ends. */
interface Life {
  readonly tell: (message: ToThread) => void
  readonly end: () => Promise<unknown>
  /** Who waits for an answer, by the probe's number. */
  readonly waiting: Map<number, (text: string | undefined) => void>
}

/** Starts no thread yet: the first probe does, and the first after one has died. */
export function createOnDemandThread(options: ThreadOptions): OnDemandThread {
  const { clock, log } = options
  let settings: Settings | undefined
  let life: Life | undefined
  let lastId = 0

  const alive = (): Life => {
    if (life !== undefined) return life
    const born = startLife(options, () => {
      if (life === born) life = undefined
    })
    if (settings !== undefined) born.tell({ kind: 'settings', ...settings })
    life = born
    return born
  }

  return {
    settle(given) {
      settings = given
      life?.tell({ kind: 'settings', ...given })
    },
    probe(order, signal) {
      const { tell, end, waiting } = alive()
      const id = ++lastId
      const { module, target, timeoutMs } = order
      return new Promise((resolve) => {
        const callOff = () => tell({ kind: 'cancel', id })
        const stopWaiting = clock.after(timeoutMs + patienceMs, () => {
          log.error(
            { self: 'on_demand', module, target: shownTarget(target) },
            'a probe on demand does not end, so its thread is ended',
          )
          void end()
        })
        waiting.set(id, (text) => {
          waiting.delete(id)
          stopWaiting()
          signal.removeEventListener('abort', callOff)
          resolve(text)
        })
        signal.addEventListener('abort', callOff)
        tell({ kind: 'probe', id, order })
      })
    },
    inFlight: () => life?.waiting.size ?? 0,
    async stop() {
      await life?.end()
    },
  }
}

function startLife({ entry, log }: ThreadOptions, onEnd: () => void): Life {
  const worker = new Worker(entry, { name: 'probes on demand' })
  const waiting: Life['waiting'] = new Map()
  worker.on('message', ({ id, text }: FromThread) => waiting.get(id)?.(text))
  worker.on('error', (error: unknown) => {
    const words = error instanceof Error ? (error.stack ?? error.message) : 'it threw what is no error'
    log.error({ self: 'on_demand', error: words }, 'the thread that probes on demand has died')
  })
  worker.on('exit', () => {
    onEnd()
    for (const answer of waiting.values()) answer(undefined)
  })
  return { tell: (message) => worker.postMessage(message), end: () => worker.terminate(), waiting }
}
