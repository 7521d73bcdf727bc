/** What a monitor knows that is worth keeping across a restart, as plain JSON: what is normal, and what is going on. */
import { type BaselineSnapshot, restoreBaseline, snapshotBaseline } from './baseline.ts'
import type { ColdMemory } from './cold_memory.ts'
import { allSeries, type FarmWatch, type Series } from './farm_watch.ts'
import type { HabitState } from './habits.ts'
import type { IdentityState } from './identity.ts'
import type { OutageState } from './outage.ts'
import type { ToldRecycle } from './recycle.ts'

export interface MonitorSnapshot {
  readonly series: readonly {
    readonly target: string
    readonly check: string
    readonly baseline: BaselineSnapshot
    readonly outage: OutageState
    readonly identity: IdentityState
  }[]
  readonly recycles: readonly (readonly [node: string, told: readonly ToldRecycle[]])[]
  readonly colds: readonly (readonly [check: string, memory: ColdMemory])[]
  readonly habits: {
    readonly past: readonly (readonly [
      node: string,
      past: NonNullable<ReturnType<HabitState['past']['get']>>,
    ])[]
    readonly said: readonly (readonly [key: string, sentence: string])[]
  }
}

/** A copy: it does not change when the monitor goes on. */
export const snapshotOf = (watch: FarmWatch): MonitorSnapshot =>
  structuredClone({
    series: [...allSeries(watch)].map(({ target, check, baseline, outage, identity }) => ({
      target: target.name,
      check: check.name,
      baseline: snapshotBaseline(baseline),
      outage: outage.state,
      identity,
    })),
    recycles: [...watch.nodes.values()].map(({ name, recycles }) => [name, recycles.told] as const),
    colds: [...watch.colds],
    habits: { past: [...watch.habits.past], said: [...watch.habits.said] },
  })

/** Takes over what a snapshot knows of the targets and checks that are still there. */
export function restoreFrom(snapshot: MonitorSnapshot, watch: FarmWatch): void {
  const copy = structuredClone(snapshot)
  for (const { target, check, baseline, outage, identity } of copy.series) {
    const series = watch.series.get(target)?.get(check)
    if (series !== undefined) restoreSeries(series, baseline, outage, identity)
  }
  for (const [name, told] of copy.recycles) watch.nodes.get(name)?.recycles.told.push(...told)
  for (const [check, memory] of copy.colds) Object.assign(watch.colds.get(check) ?? {}, memory)
  for (const [name, past] of copy.habits.past) if (watch.nodes.has(name)) watch.habits.past.set(name, past)
  for (const [key, sentence] of copy.habits.said) watch.habits.said.set(key, sentence)
}

function restoreSeries(
  series: Series,
  baseline: BaselineSnapshot,
  outage: OutageState,
  identity: IdentityState,
): void {
  Object.assign(series.baseline, restoreBaseline(baseline))
  Object.assign(series.identity, identity)
  // Whatever was on its way when the last process stopped will not come back.
  if (outage.kind === 'down') series.outage.state = outage
}
