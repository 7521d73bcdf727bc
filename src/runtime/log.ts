import { styleText } from 'node:util'
import { type Logger, pino } from 'pino'
import { printable } from './printable.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export const logFormats = ['text', 'json'] as const
export type LogFormat = (typeof logFormats)[number]

/** Structured log: a sentence for people and fields for machines. */
export type Log = Pick<Logger, LogLevel | 'isLevelEnabled'>

/** Where log lines go; a terminal gets colour. */
export interface LogSink {
  write(line: string): unknown
  readonly isTTY?: boolean | undefined
}

/** A log that writes to `sink`, which is standard error for every verb: standard output is for data. */
export function createLog(level: LogLevel, format: LogFormat, sink: LogSink): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const shown = (line: string) =>
    format === 'json' ? printable(line.trimEnd()) : asText(line, sink.isTTY).trimEnd()
  return pino(options, { write: (line: string) => void sink.write(`${shown(line)}\n`) })
}

const colours = { debug: 'gray', info: 'cyan', warn: 'yellow', error: 'red' } as const

function asText(line: string, colour = false): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown> & { level: LogLevel }
  const name = level.toUpperCase().padEnd(5)
  const words = printable(
    Object.entries(fields)
      .map(([key, value]) => `${key}=${asWord(value)}`)
      .join(' '),
  )
  const shownLevel = colour ? styleText(colours[level], name, { validateStream: false }) : name
  const shownFields = colour ? styleText('dim', words, { validateStream: false }) : words
  return [String(time), shownLevel, printable(String(msg)), shownFields].join(' ')
}

function asWord(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text)
}
