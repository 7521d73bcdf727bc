/** One prober thread as the main thread sees it, through all its lives: when it dies, it is started again. */
import type { Cancel } from '../../runtime/clock.ts'
import type { Batch, FromProber, ToProber } from './prober_messages.ts'
import { type LifeOptions, startLife } from './thread_life.ts'

export interface ProberThreadOptions extends LifeOptions {
  /** A new life has begun: it knows of no farm yet. */
  readonly onReady: () => void
  readonly onBatch: (batch: Batch) => void
  /** It has died without being told to, and will be started again. `wasReady`: it had got as far as that. */
  readonly onDeath: (error: Error, wasReady: boolean) => void
}

export interface ProberThread {
  isReady(): boolean
  tell(message: ToProber): void
  /** Lets probes in flight finish for at most `graceMs`, then ends the thread for good. */
  stop(graceMs: number): Promise<void>
}

const firstRestMs = 100
const longestRestMs = 10_000
/** Whoever lives that long, rests only shortly when it dies. */
const longLifeMs = 60_000
/** How long a thread may take to end after its probes have. */
const lastWordsMs = 500

const nothing = () => undefined

/** Starts a thread. */
export function startProberThread(options: ProberThreadOptions): ProberThread {
  const { clock } = options
  let state: 'starting' | 'ready' | 'resting' | 'stopping' = 'starting'
  let deaths = 0
  let bornMs = clock.monotonicMs()
  let cancelRest: Cancel = nothing
  let onStopped: () => void = nothing

  const hear = (message: FromProber) => {
    if (message.kind === 'batch') options.onBatch(message.batch)
    else if (message.kind === 'stopped') onStopped()
    else if (state === 'starting') {
      state = 'ready'
      options.onReady()
    }
  }
  const bury = (cause: Error) => {
    onStopped()
    if (state === 'stopping') return
    const wasReady = state === 'ready'
    state = 'resting'
    if (clock.monotonicMs() - bornMs > longLifeMs) deaths = 0
    cancelRest = clock.after(Math.min(longestRestMs, firstRestMs * 2 ** deaths), revive)
    deaths++
    options.onDeath(cause, wasReady)
  }
  const revive = () => {
    state = 'starting'
    bornMs = clock.monotonicMs()
    life = startLife(options, { onMessage: hear, onEnd: bury })
  }
  let life = startLife(options, { onMessage: hear, onEnd: bury })

  return {
    isReady: () => state === 'ready',
    tell: (message) => life.tell(message),
    async stop(graceMs) {
      const wasReady = state === 'ready'
      state = 'stopping'
      cancelRest()
      if (wasReady) await lastWords(graceMs)
      await life.end()
    },
  }

  function lastWords(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(graceMs + lastWordsMs, resolve)
      onStopped = () => {
        cancel()
        resolve()
      }
      life.tell({ kind: 'stop', graceMs })
    })
  }
}
