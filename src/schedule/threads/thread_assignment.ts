/** Which prober has which farm. */
import { type Farm, targetsOf, throughTargetsOf } from '../../model/farm.ts'
import { least } from '../../runtime/extremes.ts'
import { cronRate } from '../cron_slots.ts'

/** What one prober thread can do with room to spare. */
const probesPerSecond = 1000
/** How unevenly probers may be loaded before a farm is moved, which costs it its history. */
const tolerance = 1.25

/** Probes a second that a farm asks for. */
export function rateOf(farm: Farm): number {
  let rate = 0
  for (const check of farm.checks) {
    const targets = targetsOf(farm, check).length + throughTargetsOf(farm, check).length
    const { schedule } = check
    rate += targets * (schedule.kind === 'interval' ? 1000 / schedule.intervalMs : cronRate(schedule.cron))
  }
  return rate
}

/** How many probers the farms need, at least one and at most `most`. */
export function probersFor(farms: readonly Farm[], most: number): number {
  const rate = farms.reduce((sum, farm) => sum + rateOf(farm), 0)
  return Math.min(Math.max(1, most), Math.max(1, Math.ceil(rate / probesPerSecond)))
}

/**
 * Gives every farm a prober from 0 to `probers` - 1. A farm stays where it is, `before`, unless its prober has more
 * than it can do, or where `isLate` than its share, and others have room; a farm without a place goes to the prober with
 * the lowest rate.
 */
export function place(
  farms: readonly Farm[],
  before: ReadonlyMap<string, number>,
  probers: number,
  isLate = false,
): Map<string, number> {
  const rates = new Map(farms.map((farm) => [farm.name, rateOf(farm)]))
  const fair = [...rates.values()].reduce((sum, rate) => sum + rate, 0) / probers
  const limit = Math.max(isLate ? 0 : probesPerSecond, fair * tolerance)
  const loads = Array.from({ length: probers }, () => 0)
  const placed = new Map<string, number>()
  const put = (name: string, prober: number) => {
    placed.set(name, prober)
    loads[prober] = (loads[prober] ?? 0) + (rates.get(name) ?? 0)
  }
  for (const [name, rate] of rates) {
    const prober = before.get(name)
    const load = prober === undefined ? undefined : loads[prober]
    if (prober !== undefined && load !== undefined && (load === 0 || load + rate <= limit)) put(name, prober)
  }
  for (const name of rates.keys()) if (!placed.has(name)) put(name, loads.indexOf(least(loads)))
  return placed
}
