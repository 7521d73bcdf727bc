/** What is scored: the scenarios, in which forms, on how many farms and for how long. */
import { seededRandom } from '../../src/runtime/random.ts'
import { shareOf } from '../../src/runtime/share.ts'
import type { Scenario } from '../../src/simulator/farm/blueprint.ts'
import { type ScenarioName, scenarios } from './simulated/scenarios.ts'

/** `identity`: the application shows its worker. `without`: a new worker shows only by its behaviour. */
export type Form = 'identity' | 'without'

/** One scenario, watched on one farm. */
export interface Job {
  readonly scenario: ScenarioName
  readonly form: Form
  readonly seed: number
  readonly days: number
}

/** Days watched on each farm: longer where events are rare. */
const daysOf: Partial<Record<ScenarioName, number>> = {
  'noisy without recycles': 46,
  'two-humped page': 10,
  'garbage collection': 10,
  'network weather': 10,
  'prober stalls': 8,
  'gradual degradation': 9,
  'mild cold start without identity': 8,
  'busy users first': 8,
  'request limit': 8,
  'slow machines': 8,
  'cold recycles 29h': 15,
  'recycles in the same second': 15,
  'recycles at three': 8,
  'overlapped preload': 12,
  'idle terminate': 8,
  suspend: 14,
  'idle second application': 3,
  'short outages 1-5 s': 2,
  'silent nodes': 5,
}
const defaultDays = 4

/** The short form watches for this share of the time. */
const shortShare = 1 / 4

/** A scenario in one of its forms. */
export const inForm = (scenario: ScenarioName, form: Form): Scenario => ({
  ...scenarios[scenario],
  identity: form === 'identity',
})

/** Each scenario has a seed of its own: with one seed all would meet the same slow answer at the same second. */
export const farmSeed = ({ scenario, seed }: Job): number =>
  Math.floor(seededRandom(seed)() * 2 ** 32) ^ Math.floor(shareOf(scenario) * 2 ** 32)

/** A scenario that has no identity by nature is watched only without. */
const formsOf = (scenario: ScenarioName): readonly Form[] =>
  scenarios[scenario].identity ? ['identity', 'without'] : ['without']

export interface Wanted {
  /** The seed of the first farm of each scenario; the others follow. */
  readonly seed: number
  readonly seeds: number
  readonly short: boolean
  /** All scenarios when absent. */
  readonly only?: readonly ScenarioName[]
}

/** The jobs in the order of the table. */
export function jobsOf({ seed, seeds, short, only: names = scenarioNames }: Wanted): Job[] {
  return names.flatMap((scenario) =>
    formsOf(scenario).flatMap((form) =>
      Array.from({ length: seeds }, (_, index) => ({
        scenario,
        form,
        seed: seed + index,
        days: (daysOf[scenario] ?? defaultDays) * (short ? shortShare : 1),
      })),
    ),
  )
}

export type { ScenarioName }
export const scenarioNames = Object.keys(scenarios) as ScenarioName[]

/** How much work a job is, about the number of its probes: the largest are started first. */
export function effort({ scenario, days }: Job): number {
  const { checks, nodes } = scenarios[scenario]
  return days * (nodes.length + 1) * checks.reduce((sum, { intervalMs }) => sum + 1 / intervalMs, 0)
}

/** Watched every second: short outages are timed. */
export const isQuick = (scenario: ScenarioName): boolean =>
  scenarios[scenario].checks.every(({ intervalMs }) => intervalMs <= 1000)
