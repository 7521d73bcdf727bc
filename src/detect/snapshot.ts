/**
 * What a monitor knows that is worth keeping across a restart, as plain JSON: what is going on, which is small and
 * changes with every event, and what is normal, which is large and changes slowly.
 */
import { type BaselineSnapshot, restoreBaseline, snapshotBaseline } from './baseline.ts'
import { allSeries, type FarmWatch, type Series } from './farm_state.ts'
import type { OutageState } from './outage.ts'
import { restoreFirstRequests, type SavedFirstRequests, saveFirstRequests } from './recycle/first_request.ts'
import type { HabitState } from './recycle/habits.ts'
import type { IdentityState } from './recycle/identity.ts'
import type { ColdMemory } from './recycle/natural_slowness.ts'
import type { ToldRecycle } from './recycle/recycle.ts'
import { restoreVerdict, type SavedVerdict, saveVerdict } from './verdict.ts'

/** To be raised whenever what is kept takes another form: what an older one kept is then forgotten. */
const form = 1

/** What is going on. */
export interface MonitorState {
  readonly form: typeof form
  readonly series: readonly {
    readonly target: string
    readonly check: string
    readonly outage: OutageState
    readonly identity: IdentityState
  }[]
  readonly verdicts: readonly (readonly [check: string, verdict: SavedVerdict])[]
  readonly recycles: readonly (readonly [node: string, told: readonly ToldRecycle[]])[]
  /** Absent in what older versions kept. */
  readonly expected?: readonly (readonly [node: string, awaited: readonly SavedFirstRequests[]])[]
  readonly colds: readonly (readonly [check: string, memory: ColdMemory])[]
  readonly habits: {
    readonly past: readonly (readonly [
      node: string,
      past: NonNullable<ReturnType<HabitState['past']['get']>>,
    ])[]
    readonly said: readonly (readonly [key: string, sentence: string])[]
  }
}

/** What is normal. */
export interface MonitorBaselines {
  readonly form: typeof form
  readonly series: readonly {
    readonly target: string
    readonly check: string
    readonly baseline: BaselineSnapshot
  }[]
}

/** Either part may be missing, or be of a form that is not known here: it is then done without. */
export interface MonitorSnapshot {
  /** When it is restored, wall milliseconds. */
  readonly restoredMs: number
  readonly state?: unknown
  readonly baselines?: unknown
}

/** A copy: it does not change when the monitor goes on. */
export const stateOf = (watch: FarmWatch): MonitorState =>
  structuredClone({
    form,
    series: [...allSeries(watch)].map(({ target, check, outage, identity }) => ({
      target: target.name,
      check: check.name,
      outage: outage.state,
      identity,
    })),
    verdicts: [...watch.verdicts].flatMap(([check, state]) => {
      const saved = saveVerdict(state)
      return saved === undefined ? [] : [[check, saved] as const]
    }),
    recycles: [...watch.nodes.values()].map(({ name, recycles }) => [name, recycles.told] as const),
    expected: [...watch.nodes.values()].flatMap(({ name, expected }) =>
      expected.length === 0 ? [] : [[name, expected.map(saveFirstRequests)] as const],
    ),
    colds: [...watch.colds],
    habits: { past: [...watch.habits.past], said: [...watch.habits.said] },
  })

/** A copy, as is the state. */
export const baselinesOf = (watch: FarmWatch): MonitorBaselines => ({
  form,
  series: [...allSeries(watch)].map(({ target, check, baseline }) => ({
    target: target.name,
    check: check.name,
    baseline: snapshotBaseline(baseline),
  })),
})

/** Takes over what a snapshot knows of the targets and checks that are still there. */
export function restoreFrom({ restoredMs, state, baselines }: MonitorSnapshot, watch: FarmWatch): void {
  if (isKnownForm(baselines)) restoreBaselines(baselines as MonitorBaselines, watch)
  if (isKnownForm(state)) restoreState(structuredClone(state as MonitorState), watch, restoredMs)
}

const isKnownForm = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && 'form' in part && part.form === form

function restoreBaselines({ series: all }: MonitorBaselines, watch: FarmWatch): void {
  for (const { target, check, baseline } of all) {
    const series = watch.series.get(target)?.get(check)
    if (series !== undefined) Object.assign(series.baseline, restoreBaseline(baseline))
  }
}

function restoreState(state: MonitorState, watch: FarmWatch, restoredMs: number): void {
  for (const { target, check, outage, identity } of state.series) {
    const series = watch.series.get(target)?.get(check)
    if (series !== undefined) restoreSeries(series, outage, identity)
  }
  for (const [check, saved] of state.verdicts) {
    const verdict = watch.verdicts.get(check)
    if (verdict !== undefined) restoreVerdict(verdict, saved, restoredMs)
  }
  for (const [name, told] of state.recycles) watch.nodes.get(name)?.recycles.told.push(...told)
  for (const [name, saved] of state.expected ?? []) {
    const node = watch.nodes.get(name)
    node?.expected.push(...restoreFirstRequests(saved, node.recycles.told, restoredMs))
  }
  for (const [check, memory] of state.colds) Object.assign(watch.colds.get(check) ?? {}, memory)
  for (const [name, past] of state.habits.past) if (watch.nodes.has(name)) watch.habits.past.set(name, past)
  for (const [key, sentence] of state.habits.said) watch.habits.said.set(key, sentence)
}

function restoreSeries(series: Series, outage: OutageState, identity: IdentityState): void {
  Object.assign(series.identity, identity)
  // Whatever was on its way when the last process stopped will not come back.
  if (outage.kind === 'down') series.outage.state = outage
}
