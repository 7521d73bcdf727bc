/** The part of a run that is scored, and what several scores ask of the truth. */
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type { RecycleTruth, TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import type { Window } from './windows.ts'

const tenMinutesMs = 600_000

/**
 * The window that the run itself gives, if it does. Otherwise all but the beginning, in which baselines are learned, and
 * the end, which may not be concluded yet: ten minutes each, or twenty and three intervals where a check is rarer.
 */
export function scoredWindow({
  scenario,
  startMs,
  endMs,
  scored,
}: {
  readonly scenario: Scenario
  readonly startMs: number
  readonly endMs: number
  readonly scored?: Window
}): Window {
  if (scored !== undefined) return scored
  const rarestMs = Math.max(...scenario.checks.map(({ intervalMs }) => intervalMs))
  return {
    fromMs: startMs + Math.max(tenMinutesMs, 20 * rarestMs),
    toMs: endMs - Math.max(tenMinutesMs, 3 * rarestMs),
  }
}

export function ofKind<Kind extends TruthEvent['kind']>(truth: readonly TruthEvent[], kind: Kind) {
  return truth.filter((event) => event.kind === kind) as Extract<TruthEvent, { kind: Kind }>[]
}

/** Milliseconds between ticks of the most frequent check of a node's application. */
export function intervalOf(scenario: Scenario, node: string, app: string): number {
  const paths = scenario.nodes.find(({ name }) => name === node)?.apps.map(({ path }) => path) ?? []
  const asking = scenario.checks.filter(
    ({ path, targets }) =>
      targets.includes('node') && (paths.find((each) => path.startsWith(each)) ?? paths.at(-1)) === app,
  )
  const all = asking.length > 0 ? asking : scenario.checks
  return Math.min(...all.map(({ intervalMs }) => intervalMs))
}

/** From the start of the process until it answers quickly, if its first request comes at once. */
export const startOf = ({ atMs, servesMs, coldMs }: RecycleTruth): Window => ({
  fromMs: atMs,
  toMs: servesMs + coldMs,
})
