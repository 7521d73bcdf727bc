/** The simulated farms there are: the type of a scenario, the named ones, and the demo's. */
export type { Scenario } from './blueprint.ts'
export { demoScenario } from './demo.ts'
export { type ScenarioName, scenarios } from './scenarios.ts'
