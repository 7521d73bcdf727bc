/** Everything outside the process that a verb may touch, so that tests can put something else in its place. */
import manifest from '../../package.json' with { type: 'json' }
import { type Clock, systemClock } from '../runtime/clock.ts'
import { createLog, type Log, type LogFormat, type LogLevel } from '../runtime/log.ts'
import { printableLines } from '../runtime/printable.ts'

export const version: string = manifest.version

/** Where a verb writes: a terminal gets colour and drawing, a pipe plain text. */
export interface Stream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface Edge {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
  readonly signals: Signals
  readonly platform: NodeJS.Platform
}

interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
}

export interface LogOptions {
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
}

/** Our own colours, and what clears a line before it is written again: on a terminal alone. */
// oxlint-disable-next-line no-control-regex -- the colours that pass are control sequences themselves
const drawing = /(^\r\u001b\[K|\u001b\[[\d;]*m)/

/** Whatever a verb writes, names and answers of others cannot move the cursor or turn the direction of a line. */
export const safely = (stream: Stream): Stream => ({
  isTTY: stream.isTTY,
  columns: stream.columns,
  write(text) {
    const parts = stream.isTTY ? text.split(drawing) : [text]
    return stream.write(parts.map((part, at) => (at % 2 === 1 ? part : printableLines(part))).join(''))
  },
})

export const processEdge = ({ logLevel, logFormat }: LogOptions): Edge => ({
  stdout: safely(process.stdout),
  stderr: safely(process.stderr),
  env: process.env,
  clock: systemClock,
  log: createLog(logLevel, logFormat, process.stderr),
  signals: process,
  platform: process.platform,
})

/** Windows asks by SIGHUP when the console closes, and by SIGBREAK at Ctrl+Break. */
const stopSignals = (platform: NodeJS.Platform): readonly NodeJS.Signals[] =>
  platform === 'win32' ? ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] : ['SIGTERM', 'SIGINT']

/** Resolves at the first signal that asks the process to end, or when `signal` is aborted. */
export function untilStopped({ signals, platform }: Edge, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const name of stopSignals(platform)) signals.off(name, stop)
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    for (const name of stopSignals(platform)) signals.on(name, stop)
    signal?.addEventListener('abort', stop)
  })
}
