/** The options of `npm run truth`. */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { dayMs, parseDurationMs } from '../../src/runtime/duration.ts'
import { type ScenarioName, scenarioNames, type Wanted } from './jobs.ts'

export interface Options extends Wanted {
  /** Also simulated farms on sockets. */
  readonly live: boolean
  /** Real farms whose truth is their own logs: these kinds, or all where none is named. */
  readonly zoo?: { readonly names: readonly string[]; readonly recordIn?: string; readonly list: boolean }
  /** Recorded farms, in this folder. */
  readonly recorded?: { readonly folder: string; readonly names: readonly string[] }
  /** Fit the weights of evidence on recorded and simulated farms. */
  readonly fit: boolean
  /** How long real servers are scored. */
  readonly forMs: number
  readonly shownAs: 'text' | 'markdown' | 'json'
  /** Print every miss, with its seed and time. */
  readonly explain: boolean
}

const defaultForMs = 180_000
export const recordedFarms = fileURLToPath(new URL('recorded', import.meta.url))
/** In less, not every node restarts. */
const leastForMs = 30_000
const mostForMs = dayMs

/** One farm of each kind is enough to see in CI that all still works. */
const defaultSeeds = { short: 1, whole: 2 }

/** @throws Error with a sentence for the user when an option is not right */
export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      zoo: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      record: { type: 'string' },
      recorded: { type: 'boolean', default: false },
      fit: { type: 'boolean', default: false },
      for: { type: 'string' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      explain: { type: 'boolean', default: false },
    },
  })
  const { short, explain, json, markdown } = values
  const { live, zoo, recorded, record, list, fit } = values
  if ((values.for !== undefined || record !== undefined || list) && !zoo)
    throw new Error('--for, --record and --list go with --zoo only')
  if ([live, zoo, recorded, fit].filter(Boolean).length > 1)
    throw new Error('--live, --zoo, --recorded and --fit do not go together')
  if (positionals.length > 0 && !zoo && !recorded)
    throw new Error(`${JSON.stringify(positionals.join(' '))} is not understood without --zoo or --recorded`)
  const seeds = values.seeds ?? String(short ? defaultSeeds.short : defaultSeeds.whole)
  return {
    seed: wholeNumber('seed', values.seed),
    seeds: wholeNumber('seeds', seeds),
    ...(values.scenario ? { only: values.scenario.map(scenarioNamed) } : {}),
    short,
    live,
    fit,
    ...(zoo
      ? { zoo: { names: positionals, list, ...(record === undefined ? {} : { recordIn: record }) } }
      : {}),
    ...(recorded ? { recorded: placeOf(positionals) } : {}),
    forMs: values.for === undefined ? defaultForMs : durationOf(values.for),
    shownAs: json ? 'json' : markdown ? 'markdown' : 'text',
    explain,
  }
}

/** A folder has a slash in it, the name of a kind has none. */
function placeOf(words: readonly string[]): { folder: string; names: string[] } {
  const folders = words.filter((word) => word.includes('/'))
  if (folders.length > 1) throw new Error(`--recorded takes one folder, not ${folders.join(' and ')}`)
  return { folder: folders[0] ?? recordedFarms, names: words.filter((word) => !word.includes('/')) }
}

function durationOf(text: string): number {
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms >= leastForMs && ms <= mostForMs) return ms
  throw new Error(`--for takes a duration from 30s to 24h, such as 10m, not ${JSON.stringify(text)}`)
}

function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Error(`--${option} takes a whole number from 1 on, not ${JSON.stringify(text)}`)
}

function scenarioNamed(text: string): ScenarioName {
  const found = scenarioNames.find((name) => name === text)
  if (found !== undefined) return found
  throw new Error(`There is no scenario ${JSON.stringify(text)}; there are: ${scenarioNames.join(', ')}`)
}
