import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'

/** Where a verb's words go: a terminal gets colour and drawing, a pipe plain text. */
export interface Stream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Everything outside the process that a verb may touch. */
export interface Edge {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
  readonly signals: Signals
}

/** The signals of the process, as an event source. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
}

/** Resolves at the first SIGTERM or SIGINT, or when `signal` is aborted. */
export function untilStopped(signals: Signals, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      signals.off('SIGTERM', stop)
      signals.off('SIGINT', stop)
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    signals.on('SIGTERM', stop)
    signals.on('SIGINT', stop)
    signal?.addEventListener('abort', stop)
  })
}
