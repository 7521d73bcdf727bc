/** What many targets cost: resident memory, and processor time per target, all at one interval. */

import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMicroseconds, residentBytes } from '../../processes.ts'
import type { Plan } from '../durations.ts'
import { keepScraping, startFarmprobe } from '../farmprobe.ts'
import { atMost, type Row } from '../table.ts'
import { startTargets } from '../targets.ts'

const intervalMs = 10_000
const scrapeMs = 5000
/** MiB by number of targets. */
const memoryGoals = new Map([
  [100, 120],
  [5000, 330],
])
const goalGrowth = 1.2

interface Cost {
  readonly targets: number
  readonly memoryMiB: number
  /** Microseconds of processor time per target and second. */
  readonly cpuPerTarget: number
}

/** The small sizes side by side, since they leave the machine nearly idle; the large one alone. */
export async function growthRows(plan: Plan): Promise<Row[]> {
  await using servers = await startTargets('fast')
  const small = await Promise.all([10, 100, 1000].map((targets) => cost(servers.port, targets, plan)))
  const large = await cost(servers.port, 5000, plan)
  const costs = [...small, large]
  const [, hundred = large, thousand = large] = small
  return [
    ...costs.map(memoryRow),
    ...costs.map(cpuRow),
    atMost(
      'CPU per target, 5,000 targets over 100',
      large.cpuPerTarget / hundred.cpuPerTarget,
      goalGrowth,
      ratio,
    ),
    // What a process costs anyway hides a growth when it is shared by more targets; the cost of one more does not.
    atMost(
      'CPU of one target more, 1,000 to 5,000 over 100 to 1,000',
      marginal(thousand, large) / marginal(hundred, thousand),
      goalGrowth,
      ratio,
    ),
  ]
}

const marginal = (few: Cost, many: Cost) =>
  (many.targets * many.cpuPerTarget - few.targets * few.cpuPerTarget) / (many.targets - few.targets)

const ratio = (value: number) => value.toFixed(2)

function memoryRow({ targets, memoryMiB }: Cost): Row {
  const what = `resident memory, ${targets.toLocaleString('en')} targets`
  const goal = memoryGoals.get(targets)
  if (goal === undefined) return { what, measured: mebibytes(memoryMiB) }
  return atMost(what, memoryMiB, goal, mebibytes)
}

const mebibytes = (value: number) => `${Math.round(value)} MiB`

function cpuRow({ targets, cpuPerTarget }: Cost): Row {
  const what = `CPU per target and second, ${targets.toLocaleString('en')} targets every ${intervalMs / 1000} s`
  return { what, measured: `${Math.round(cpuPerTarget)} us` }
}

/** Memory is the highest reading of the last third of the time, so that a scrape falls into it. */
async function cost(port: number, targets: number, { settleMs }: Plan): Promise<Cost> {
  await using farmprobe = await startFarmprobe({ port, targets, intervalMs })
  using _scraping = keepScraping(farmprobe.url, scrapeMs)
  await sleep((settleMs * 2) / 3)
  const cpuBefore = cpuMicroseconds(farmprobe.pid)
  const seconds = Math.round(settleMs / 3000)
  let highest = 0
  for (let second = 0; second < seconds; second += 1) {
    await sleep(1000)
    highest = Math.max(highest, residentBytes(farmprobe.pid))
  }
  const cpuPerTarget = (cpuMicroseconds(farmprobe.pid) - cpuBefore) / targets / seconds
  return { targets, memoryMiB: highest / 2 ** 20, cpuPerTarget }
}
