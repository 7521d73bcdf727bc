/** What `npm run truth` was asked for. */
import { parseArgs } from 'node:util'
import { type ScenarioName, scenarioNames, type Wanted } from './plan.ts'

export interface Options extends Wanted {
  readonly live: boolean
  readonly shownAs: 'text' | 'markdown' | 'json'
  /** Tell every miss, with its seed and time. */
  readonly explain: boolean
}

/** One farm of each kind is enough to see in CI that all still works. */
const usualSeeds = { short: 1, whole: 2 }

/** @throws Error with a sentence for the user when an option is not right */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string' },
      scenario: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      explain: { type: 'boolean', default: false },
    },
  })
  const { short, live, explain, json, markdown } = values
  const seeds = values.seeds ?? String(short ? usualSeeds.short : usualSeeds.whole)
  return {
    seed: wholeNumber('seed', values.seed),
    seeds: wholeNumber('seeds', seeds),
    ...(values.scenario ? { only: values.scenario.map(scenarioNamed) } : {}),
    short,
    live,
    shownAs: json ? 'json' : markdown ? 'markdown' : 'text',
    explain,
  }
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
