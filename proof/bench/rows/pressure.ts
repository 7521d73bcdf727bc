/** What is left of the schedule beside two busy processes a core: probes that are made, and slots that are lost. */
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPeer, stop } from '../../processes.ts'
import { startContenders } from '../contenders.ts'
import type { Plan } from '../durations.ts'
import { samplesOf, scrape } from '../farmprobe.ts'
import { atLeast, type Row } from '../table.ts'
import { intervalMsOf, type Traffic } from '../traffic.ts'

const traffic: Traffic = { targets: 200, perSecond: 400 }
const busyPerCore = 2
/** Until all that was due under pressure is made, or counted as missed, and reported. */
const recoveryMs = 5000

export async function pressureRows(plan: Plan): Promise<Row[]> {
  const contenders = await startContenders(traffic, ['farmprobe', 'blackbox_exporter', 'cloudprober'])
  await using stack = new AsyncDisposableStack()
  for (const contender of contenders) stack.use(contender)
  const url = contenders[0]?.prober.url ?? ''
  await sleep(plan.warmUpMs)
  const slots = await slotsOf(url)
  const script = new URL('../peers/busy.ts', import.meta.url)
  const count = busyPerCore * availableParallelism()
  const busy = await Promise.all(Array.from({ length: count }, () => startPeer(script, [])))
  // The first seconds are those in which farmprobe finds that it is late.
  await sleep(plan.pressureMs)
  const counts = () => Promise.all(contenders.map(({ servers }) => servers.count()))
  const [before, sinceMs] = [await counts(), performance.now()]
  await sleep(plan.windowMs)
  const [after, seconds] = [await counts(), (performance.now() - sinceMs) / 1000]
  await Promise.all(busy.map(stop))
  await sleep(recoveryMs)
  const unaccounted = mostUnaccounted(slots, await slotsOf(url))
  const shares = after.map((answered, at) => (answered - (before[at] ?? 0)) / seconds / traffic.perSecond)
  const [ours = 0, ...theirs] = shares
  return [
    atLeast(
      `probes made beside ${busyPerCore} busy processes a core, farmprobe`,
      ours,
      Math.min(1, Math.max(0, ...theirs)),
      percent,
    ),
    ...contenders.slice(1).map(({ name }, at) => ({ what: `  ${name}`, measured: percent(theirs[at] ?? 0) })),
    {
      what: '  slots of a target neither probed nor counted as missed, at most',
      measured: unaccounted.toFixed(1),
      // One at each reading: where it falls within a slot is chance, and what was due just before is reported after it.
      goal: { text: '<= 2', met: unaccounted <= 2 },
    },
  ]
}

const percent = (share: number) => `${(share * 100).toFixed(1)} % of ${traffic.perSecond}/s`

interface Slots {
  readonly atMs: number
  /** Probed or missed, by target. */
  readonly counted: ReadonlyMap<string, number>
}

async function slotsOf(url: string): Promise<Slots> {
  const atMs = performance.now()
  const exposition = await scrape(url)
  const counted = new Map<string, number>()
  for (const metric of ['farmprobe_probes_total', 'farmprobe_missed_slots_total'])
    for (const { labels, value } of samplesOf(exposition, metric)) {
      // Bursts and sweeps have no slots.
      if (/lane="(?!tick)/.test(labels)) continue
      const [key = ''] = /farm="[^"]*",role="[^"]*",target="[^"]*"/.exec(labels) ?? []
      counted.set(key, (counted.get(key) ?? 0) + value)
    }
  return { atMs, counted }
}

/** By how many slots a target's account differs from the slots that it had between two readings, at most. */
function mostUnaccounted(before: Slots, after: Slots): number {
  const owed = (after.atMs - before.atMs) / intervalMsOf(traffic)
  const found = [...after.counted].map(([key, count]) => count - (before.counted.get(key) ?? 0))
  return Math.max(...found.map((count) => Math.abs(count - owed)))
}
