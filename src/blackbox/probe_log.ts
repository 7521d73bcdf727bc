/** What happened in one probe, line by line, for requests with debug=true. */
import type { Clock } from '../runtime/clock.ts'
import { printable } from '../runtime/printable.ts'
import { type Conceal, concealing } from '../secrets/conceal.ts'

type Field = string | number | boolean

/** A chain of hops and its checks need some dozens. */
const maxLines = 200
const longestField = 2048

export type ProbeLog = ReturnType<typeof createProbeLog>

/** `about` begins every line: the module and the target. */
export function createProbeLog(clock: Clock, about: Readonly<Record<string, Field>>) {
  const lines: string[] = []
  let safe = concealing([])
  const write = (level: string, message: string, fields: Readonly<Record<string, Field>> = {}) => {
    if (lines.length >= maxLines) return
    const ts = new Date(clock.wallMs()).toISOString()
    const said = Object.entries(fields).map(([key, value]) => [key, safe(String(value), longestField)])
    lines.push(words({ ts, ...about, level, msg: message, ...Object.fromEntries(said) }))
  }
  return {
    lines,
    info: (message: string, fields?: Readonly<Record<string, Field>>) => write('info', message, fields),
    error: (message: string, fields?: Readonly<Record<string, Field>>) => write('error', message, fields),
    /** Keeps what is given from now on free of secrets. */
    conceal(conceal: Conceal) {
      safe = conceal
    },
  }
}

const words = (fields: Readonly<Record<string, Field>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${word(String(value))}`)
    .join(' ')

const word = (text: string) => printable(/^[^\s"=]+$/.test(text) ? text : JSON.stringify(text))
