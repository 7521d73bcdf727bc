/** How much one prober thread can do: the highest rate at which no slot is missed or late, and no probe fails. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Plan } from '../durations.ts'
import { type Farmprobe, startFarmprobe, total } from '../farmprobe.ts'
import { atLeast, type Row } from '../table.ts'
import { startTargets, type Targets } from '../targets.ts'

const goalPerSecond = 1500
const intervalMs = 200

/** Doubles a rate that is sustained until one is not, then halves the distance between the two three times. */
export async function ceilingRows(plan: Plan): Promise<Row[]> {
  await using servers = await startTargets('fast', 2)
  let [sustained, refused] = [0, goalPerSecond]
  while (await sustains(servers, refused, plan)) [sustained, refused] = [refused, refused * 2]
  for (let halving = 0; halving < 3; halving += 1) {
    const middle = roundTo((sustained + refused) / 2, 1000 / intervalMs)
    if (await sustains(servers, middle, plan)) sustained = middle
    else refused = middle
  }
  return [atLeast('probes of one thread, no slot missed or late', sustained, goalPerSecond, shown)]
}

const shown = (perSecond: number) => `${perSecond}/s`
const roundTo = (value: number, step: number) => Math.round(value / step) * step

/**
 * A farm lives whole on one prober thread, so one large farm is the load of one thread. A tick of it is spread over
 * the time it takes; when that is all the time there is, the mean start is half an interval late.
 */
async function sustains(servers: Targets, perSecond: number, plan: Plan): Promise<boolean> {
  const targets = (perSecond * intervalMs) / 1000
  const load = { port: servers.port, targets, farmSize: targets, intervalMs }
  await using farmprobe = await startFarmprobe(load)
  await sleep(plan.warmUpMs)
  const before = await counts(farmprobe)
  await sleep(plan.stepMs)
  const after = await counts(farmprobe)
  const probes = after.probes - before.probes
  // Where the two readings fall within a tick is chance.
  const isComplete = probes >= perSecond * ((after.atMs - before.atMs) / 1000) - 2 * targets
  const isInTime = after.lagMs - before.lagMs <= probes * (intervalMs / 2)
  return isComplete && isInTime && after.missed === before.missed && after.failed === before.failed
}

async function counts(farmprobe: Farmprobe) {
  const exposition = await farmprobe.scrape()
  const probes = total(exposition, 'farmprobe_probes_total')
  return {
    atMs: performance.now(),
    probes,
    failed: probes - total(exposition, 'farmprobe_probes_total', 'result="ok"'),
    missed: total(exposition, 'farmprobe_missed_slots_total'),
    lagMs: 1000 * total(exposition, 'farmprobe_schedule_lag_seconds_sum'),
  }
}
