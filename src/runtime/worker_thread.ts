/**
 * Worker threads as the thread that starts them sees them: typed messages both ways, restarts with back-off, an end
 * for a thread that has fallen silent, and a stop that lets it finish its work first.
 */
import { type MessagePort, parentPort, type ResourceLimits, Worker } from 'node:worker_threads'
import type { Cancel, Clock } from './clock.ts'
import { takeAhead } from './thread_ahead.ts'

export interface ThreadOptions {
  readonly entry: URL
  /** What the thread is called in errors, in the debugger and in the system's list of threads. */
  readonly name: string
  /** `workerData` in the thread. */
  readonly data?: unknown
  /** A thread that exceeds them ends with an error. */
  readonly resourceLimits?: ResourceLimits
  /** Whether the process may exit while the thread runs (false). */
  readonly unref?: boolean
}

export interface Messages {
  readonly to: unknown
  readonly from: unknown
}

/** Starts one run of a thread. `onExit` is called once, with the first error or with how it ended. */
export function startThread<M extends Messages>(
  { entry, name, data, resourceLimits, unref }: ThreadOptions,
  onMessage: (message: M['from']) => void,
  onExit: (cause: Error) => void,
) {
  const worker =
    takeAhead(entry, name, data) ??
    new Worker(entry, { name, workerData: data, ...(resourceLimits && { resourceLimits }) })
  let cause: Error | undefined
  worker.on('message', onMessage)
  // After it, because to listen keeps the process alive.
  if (unref) worker.unref()
  worker.on('error', (thrown: unknown) => {
    cause ??= thrown instanceof Error ? thrown : new Error(String(thrown))
  })
  worker.on('exit', (code) => onExit(cause ?? new Error(`the thread '${name}' ended with code ${code}`)))
  return {
    send: (message: M['to']): void => worker.postMessage(message),
    /** Ends the thread at once, whatever it is doing. */
    terminate: (): Promise<unknown> => worker.terminate(),
  }
}

export interface SupervisedOptions<M extends Messages> extends ThreadOptions {
  readonly clock: Clock
  /** A run is ready for messages. It knows nothing of earlier runs. */
  readonly onReady: () => void
  readonly onMessage: (message: M['from']) => void
  /** A run ended that was not stopped, and the next one is waiting for its back-off. `wasReady`: it had got that far. */
  readonly onExit: (cause: Error, wasReady: boolean) => void
}

/** What `superviseThread` and `serveThread` send each other. */
interface Supervision<M extends Messages> {
  readonly to:
    | { readonly kind: 'message'; readonly message: M['to'] }
    | { readonly kind: 'stop'; readonly graceMs: number }
  readonly from:
    | { readonly kind: 'ready' }
    | { readonly kind: 'message'; readonly message: M['from'] }
    | { readonly kind: 'stopped' }
}

const shortestBackOffMs = 100
const longestBackOffMs = 10_000
/** A thread that ran this long restarts with the shortest back-off. */
const longRunMs = 60_000
/** A thread that sends nothing for this long hangs, and is ended. */
const longestSilenceMs = 30_000
/** How long a thread may take to say that it has stopped, after its grace. */
const stopDelayMs = 500

const nothing = () => undefined

/** Keeps a thread running until it is stopped. Its module calls `serveThread`, and sends something every few seconds. */
export function superviseThread<M extends Messages>(options: SupervisedOptions<M>) {
  const { clock, name } = options
  let state: 'starting' | 'ready' | 'backing_off' | 'stopping' = 'starting'
  let failures = 0
  let startedMs = clock.monotonicMs()
  let cancelRestart: Cancel = nothing
  let onStopped: () => void = nothing

  const receive = (received: Supervision<M>['from']) => {
    if (received.kind === 'message') options.onMessage(received.message)
    else if (received.kind === 'stopped') onStopped()
    else if (state === 'starting') {
      state = 'ready'
      options.onReady()
    }
  }
  const exited = (cause: Error) => {
    onStopped()
    if (state === 'stopping') return
    const wasReady = state === 'ready'
    state = 'backing_off'
    if (clock.monotonicMs() - startedMs > longRunMs) failures = 0
    cancelRestart = clock.after(Math.min(longestBackOffMs, shortestBackOffMs * 2 ** failures), restart)
    failures++
    options.onExit(cause, wasReady)
  }
  const start = () => {
    let ended: Error | undefined
    const end = (cause: Error) => {
      ended ??= cause
      void started.terminate()
    }
    const watch = watchSilence(clock, longestSilenceMs, () =>
      end(new Error(`the thread '${name}' sent nothing for ${longestSilenceMs / 1000} s`)),
    )
    const started = startThread<Supervision<M>>(
      options,
      (received) => {
        watch.reset()
        receive(received)
      },
      (cause) => {
        watch.stop()
        exited(ended ?? cause)
      },
    )
    return { ...started, end }
  }
  const restart = () => {
    state = 'starting'
    startedMs = clock.monotonicMs()
    run = start()
  }
  let run = start()

  return {
    isReady: () => state === 'ready',
    /** To the present run, which must be ready: messages are lost with the run that they are sent to. */
    send: (message: M['to']): void => run.send({ kind: 'message', message }),
    /** Ends the present run, which is then followed by another one. */
    end: (cause: Error): void => run.end(cause),
    /** Lets the thread finish for at most `graceMs`, then ends it for good. */
    async stop(graceMs: number): Promise<void> {
      const wasReady = state === 'ready'
      state = 'stopping'
      cancelRestart()
      if (wasReady) await stopped(graceMs)
      await run.terminate()
    },
  }

  function stopped(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(graceMs + stopDelayMs, resolve)
      onStopped = () => {
        cancel()
        resolve()
      }
      run.send({ kind: 'stop', graceMs })
    })
  }
}

/**
 * The thread's own side of `superviseThread`. Reports that it is ready, and returns how to send messages. `onStop`
 * finishes within its grace; the thread ends afterwards.
 */
export function serveThread<M extends Messages>(
  onMessage: (message: M['to']) => void,
  onStop: (graceMs: number) => Promise<void>,
): (message: M['from']) => void {
  const port = portOfThisThread()
  const send = (message: Supervision<M>['from']) => port.postMessage(message)
  const stop = async (graceMs: number) => {
    await onStop(graceMs)
    send({ kind: 'stopped' })
    port.close()
  }
  port.on('message', (received: Supervision<M>['to']) => {
    if (received.kind === 'message') onMessage(received.message)
    else void stop(received.graceMs)
  })
  send({ kind: 'ready' })
  return (message) => send({ kind: 'message', message })
}

/** @throws Error in a thread that was not started by `startThread` */
export function portOfThisThread(): MessagePort {
  if (parentPort === null) throw new Error('this module runs in a worker thread; start farmprobe by main.ts')
  return parentPort
}

const silenceCheckMs = 5000

/**
 * Calls `onSilence` once when `reset` has not been called for longer than `silenceMs`. Time in which this thread itself
 * did not run does not count: messages may be waiting.
 */
export function watchSilence(clock: Clock, silenceMs: number, onSilence: () => void) {
  let silentMs = 0
  const check = () => {
    silentMs += silenceCheckMs
    if (silentMs > silenceMs) onSilence()
    else cancel = clock.after(silenceCheckMs, check)
  }
  let cancel = clock.after(silenceCheckMs, check)
  return {
    reset() {
      silentMs = 0
    },
    stop: () => cancel(),
  }
}
