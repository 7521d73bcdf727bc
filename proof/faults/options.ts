/** The options of `npm run faults`. */
import { parseArgs } from 'node:util'
import type { Fault } from './fault.ts'

export interface Options {
  readonly faults: readonly Fault[]
  readonly short: boolean
  readonly shownAs: 'text' | 'markdown' | 'json'
  /** How many faults are injected at a time, each into a process of its own. */
  readonly parallel: number
  /** Where to write a report in the form of vitest's JSON reports, for .ci/summary.mjs. */
  readonly report?: string
}

const defaultParallel = 5

/** @throws Error with a sentence for the user when an option is not right */
export function optionsOf(
  args: readonly string[],
  families: Readonly<Record<string, readonly Fault[]>>,
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fault: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      parallel: { type: 'string', default: String(defaultParallel) },
      report: { type: 'string' },
    },
  })
  const { short, json, markdown, parallel, report } = values
  if (!/^[1-9]\d?$/.test(parallel))
    throw new Error(`--parallel takes a whole number from 1 to 99, not ${JSON.stringify(parallel)}`)
  const chosen = values.fault?.flatMap((name) => named(name, families))
  return {
    faults:
      chosen ??
      Object.values(families)
        .flat()
        .filter(({ long }) => !(short && long)),
    short,
    shownAs: json ? 'json' : markdown ? 'markdown' : 'text',
    parallel: Number(parallel),
    ...(report !== undefined && { report }),
  }
}

/** One fault, or all of a family. */
function named(name: string, families: Readonly<Record<string, readonly Fault[]>>): readonly Fault[] {
  const family = families[name]
  if (family !== undefined) return family
  const all = Object.values(families).flat()
  const found = all.filter((fault) => fault.name === name)
  if (found.length > 0) return found
  const names = [...Object.keys(families), ...all.map((fault) => fault.name)].join(', ')
  throw new Error(`There is no fault ${JSON.stringify(name)}; there are: ${names}`)
}
