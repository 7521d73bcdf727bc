/** The options of `npm run soak`. */
import { parseArgs } from 'node:util'
import { parseDurationMs } from '../../../src/runtime/duration.ts'

export interface Options {
  readonly forMs: number
  readonly seed: number
  readonly shownAs: 'text' | 'markdown' | 'json'
}

const usually = '30m'
const short = '60s'
const leastMs = 30_000

/** @throws Error with a sentence for the user when an option is not right */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      for: { type: 'string' },
      short: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
    },
  })
  const wanted = values.for ?? (values.short ? short : usually)
  const forMs = parseDurationMs(wanted)
  if (forMs === undefined || forMs < leastMs)
    throw new Error(`--for takes a duration of at least 30s, such as 2h, not ${JSON.stringify(wanted)}`)
  if (!/^\d{1,9}$/.test(values.seed))
    throw new Error(`--seed takes a whole number, not ${JSON.stringify(values.seed)}`)
  return {
    forMs,
    seed: Number(values.seed),
    shownAs: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  }
}
