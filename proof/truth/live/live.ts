/** The live part: real sockets, and the real farmprobe, Prometheus and blackbox_exporter, all on the same farms. */
import { setTimeout as sleep } from 'node:timers/promises'
import { balancerName } from '../../../src/model/farm.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { type SocketFarm, startSocketFarm } from '../../../src/simulator/sockets/socket_farm.ts'
import { type Alert, createAlerting } from '../simulated/blackbox_alerts.ts'
import type { Table } from '../tables/tables.ts'
import { intervals, keyOf, missingPrograms, type Sample, startBlackbox } from './blackbox.ts'
import { startFarmprobe } from './farmprobe.ts'
import { asConfigured, liveScenarios, watchMs } from './farms.ts'
import { type BlackboxSeen, liveTable, type Seen } from './live_table.ts'

/** The intervals of farmprobe's checks, in seconds: its default, and one for short outages. */
const probed = [5, 1] as const

/** Watches the live farms for about two minutes; says what is missing where a program is not installed. */
export async function watchLive(seed: number, say: (text: string) => void): Promise<Table | undefined> {
  const missing = missingPrograms()
  if (missing.length > 0) {
    say(`The live part is left out: not installed: ${missing.join(', ')}\n`)
    return undefined
  }
  const startMs = systemClock.wallMs()
  const farms: SocketFarm[] = []
  try {
    for (const [index, scenario] of liveScenarios.entries())
      farms.push(await startSocketFarm({ scenario, clock: systemClock, random: seededRandom(seed + index) }))
    return liveTable(await watchAll(farms, startMs, say))
  } finally {
    for (const farm of farms) await farm.stop()
  }
}

async function watchAll(
  farms: readonly SocketFarm[],
  startMs: number,
  say: (text: string) => void,
): Promise<Seen[]> {
  const plans = farms.map(({ farm }) => farm)
  await using stack = new AsyncDisposableStack()
  const farmprobes = []
  for (const seconds of probed)
    farmprobes.push(stack.use(await startFarmprobe(plans.map((plan) => asConfigured(plan, seconds)))))
  await using blackbox = await startBlackbox(plans)
  say(`watching ${farms.length} farms live for ${watchMs / 1000} s ...\n`)
  await sleep(startMs + watchMs - systemClock.wallMs())
  const reported = await Promise.all(farmprobes.map((farmprobe) => farmprobe.events()))
  const samples = await Promise.all(intervals.map((seconds) => blackbox.samples(seconds)))
  const endMs = systemClock.wallMs()
  return farms.map(({ farm, truth }, index) => ({
    scenario: liveScenarios[index] as Scenario,
    startMs,
    endMs,
    truth,
    farmprobes: probed.map((intervalS, at) => ({
      intervalS,
      events: (reported[at] ?? []).filter((event) => event.farm === farm.name),
    })),
    blackbox: intervals.map((intervalS, at) =>
      blackboxSeen(intervalS, farm.name, samples[at] ?? new Map<string, Sample[]>(), endMs),
    ),
  }))
}

function blackboxSeen(
  intervalS: number,
  farm: string,
  samples: ReadonlyMap<string, readonly Sample[]>,
  endMs: number,
): BlackboxSeen {
  const alerts: Alert[] = []
  for (const [key, own] of samples) {
    const target = key.slice(farm.length + 1)
    if (key !== keyOf(farm, target)) continue
    const alerting = createAlerting(target, (alert) => alerts.push(alert))
    for (const { atMs, success, durationMs } of own) alerting.sample(atMs, success, durationMs)
    alerting.end(endMs)
  }
  const atBalancer = samples.get(keyOf(farm, balancerName)) ?? []
  const failed = atBalancer.filter(({ status }) => status === 0 || (status >= 502 && status <= 504))
  return { intervalS, alerts, balancerErrors: failed.length }
}
