import { type ResourceLimits, Worker } from 'node:worker_threads'
import type { Clock } from '../../runtime/clock.ts'
import type { FromProber, ProberData, ToProber } from './prober_messages.ts'
import { createWatchdog } from './watchdog.ts'

export interface LifeOptions {
  /** The module that the thread runs. */
  readonly entry: URL
  readonly data: ProberData
  readonly clock: Clock
  /** A thread that needs more dies. */
  readonly resourceLimits?: ResourceLimits
}

export interface LifeEvents {
  onMessage(message: FromProber): void
  onEnd(cause: Error): void
}

export interface Life {
  tell(message: ToProber): void
  end(): Promise<unknown>
}

/** One life of a prober thread: ends with an error, an exit, or half a minute's silence. */
export function startLife({ entry, data, clock, resourceLimits }: LifeOptions, events: LifeEvents): Life {
  const name = `prober ${data.prober}`
  const worker = new Worker(entry, { workerData: data, name, ...(resourceLimits ? { resourceLimits } : {}) })
  let cause: Error | undefined
  const watchdog = createWatchdog(clock, () => {
    cause ??= new Error('nothing was heard of it for 30 s')
    void worker.terminate()
  })
  worker.on('message', (message: FromProber) => {
    watchdog.pat()
    events.onMessage(message)
  })
  worker.on('error', (thrown: unknown) => {
    cause ??= thrown instanceof Error ? thrown : new Error(String(thrown))
  })
  worker.on('exit', (code) => {
    watchdog.stop()
    events.onEnd(cause ?? new Error(`it ended with code ${code}`))
  })
  return {
    tell: (message) => worker.postMessage(message),
    end: () => worker.terminate(),
  }
}
