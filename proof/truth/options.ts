/** What `npm run truth` was asked for. */
import { parseArgs } from 'node:util'
import { parseDurationMs } from '../../src/runtime/duration.ts'
import { type ScenarioName, scenarioNames, type Wanted } from './plan.ts'

export interface Options extends Wanted {
  /** `simulated`: also simulated farms on sockets. `aspnet`: real ASP.NET, and nothing else. */
  readonly live?: 'simulated' | 'aspnet'
  /** How long real ASP.NET is scored. */
  readonly forMs: number
  readonly shownAs: 'text' | 'markdown' | 'json'
  /** Tell every miss, with its seed and time. */
  readonly explain: boolean
}

const usualForMs = 600_000
/** In less, not every node restarts. */
const leastForMs = 30_000
const mostForMs = 24 * 3_600_000

/** One farm of each kind is enough to see in CI that all still works. */
const usualSeeds = { short: 1, whole: 2 }

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
      for: { type: 'string' },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      explain: { type: 'boolean', default: false },
    },
  })
  const { short, explain, json, markdown } = values
  const live = liveOf(values.live, positionals)
  if (values.for !== undefined && live !== 'aspnet') throw new Error('--for goes with --live aspnet only')
  const seeds = values.seeds ?? String(short ? usualSeeds.short : usualSeeds.whole)
  return {
    seed: wholeNumber('seed', values.seed),
    seeds: wholeNumber('seeds', seeds),
    ...(values.scenario ? { only: values.scenario.map(scenarioNamed) } : {}),
    short,
    ...(live === undefined ? {} : { live }),
    forMs: values.for === undefined ? usualForMs : durationOf(values.for),
    shownAs: json ? 'json' : markdown ? 'markdown' : 'text',
    explain,
  }
}

function liveOf(asked: boolean, words: readonly string[]): Options['live'] {
  const [word, ...more] = words
  if (word === undefined) return asked ? 'simulated' : undefined
  if (asked && word === 'aspnet' && more.length === 0) return 'aspnet'
  throw new Error(`${JSON.stringify(words.join(' '))} is not understood; there is: --live aspnet`)
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
