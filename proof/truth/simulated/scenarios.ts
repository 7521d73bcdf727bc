import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { type Sketch, scenario } from '../../../src/simulator/farm/blueprint_parts.ts'
import { failureScenarios } from './scenarios_failures.ts'
import { noiseScenarios } from './scenarios_noise.ts'
import { recycleScenarios } from './scenarios_recycles.ts'

const sketches = { ...noiseScenarios, ...recycleScenarios, ...failureScenarios }

export type ScenarioName = keyof typeof sketches

/** Every named scenario; what each shows is its `about`. */
export const scenarios = Object.fromEntries(
  Object.entries<Sketch>(sketches).map(([name, { about, ...different }]) => [
    name,
    scenario(name, about, different),
  ]),
) as Readonly<Record<ScenarioName, Scenario>>
