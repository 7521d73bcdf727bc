/** What happened in one probe, line by line, for requests with debug=true. */
import type { Clock } from '../runtime/clock.ts'

type Field = string | number | boolean

/** A chain of hops and its checks need some dozens. */
const maxLines = 200

export type ProbeLog = ReturnType<typeof createProbeLog>

/** `about` begins every line: the module and the target. */
export function createProbeLog(clock: Clock, about: Readonly<Record<string, Field>>) {
  const lines: string[] = []
  const write = (level: string, message: string, fields: Readonly<Record<string, Field>> = {}) => {
    if (lines.length >= maxLines) return
    const ts = new Date(clock.wallMs()).toISOString()
    lines.push(words({ ts, ...about, level, msg: message, ...fields }))
  }
  return {
    lines,
    info: (message: string, fields?: Readonly<Record<string, Field>>) => write('info', message, fields),
    error: (message: string, fields?: Readonly<Record<string, Field>>) => write('error', message, fields),
  }
}

const words = (fields: Readonly<Record<string, Field>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${word(String(value))}`)
    .join(' ')

const word = (text: string) => (/^[^\s"=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text))
