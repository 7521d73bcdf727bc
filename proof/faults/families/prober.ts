/** The process's own parts failing: its threads end, hang, or are late. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss, type RunningFarmprobe, type Setup } from '../fault.ts'
import { countingSlack, courseBetween, startedWithin } from '../support/healthy_farm.ts'
import { answer, badFarm, badIntervalMs } from '../support/servers.ts'

const busyFor = (ms: number) => `for (const end = Date.now() + ${ms}; Date.now() < end;);`

async function restarted(farmprobe: RunningFarmprobe, withinMs: number): Promise<void> {
  const restarts = () => farmprobe.grown('farmprobe_prober_restarts_total')
  await farmprobe.until('restart of the prober', async () => (await restarts()) === 1, withinMs)
  const probed = await farmprobe.value('farmprobe_probes_total', { farm: 'healthy' })
  const probing = async () =>
    (await farmprobe.value('farmprobe_probes_total', { farm: 'healthy' })) > probed + 10
  await farmprobe.until('probe after the restart', probing)
}

const busy = { farm: 'bad', intervalMs: badIntervalMs, targets: 2 }

const started = 'one restart, its slots counted as missed, then on as before'

/** What the detectors said since the start. */
const blamed = async (farmprobe: RunningFarmprobe) =>
  (await farmprobe.value('farmprobe_outages_total')) + (await farmprobe.value('farmprobe_recycles_total'))

/** A prober that ends, by what is evaluated on its thread. So often as it probes here, that cannot pass without misses. */
const dies = (
  name: string,
  how: string,
  setup: Setup = {},
  expected = started,
  withinMs = 15_000,
): Fault => ({
  name,
  expected,
  async run({ experiment }) {
    await using server = await startRawServer((socket) => void socket.end(answer))
    const farms = [badFarm({ port: server.port })]
    return await experiment({ ...setup, farms, allow: { missed: true } }, async (farmprobe) => {
      const from = await farmprobe.scraper.read()
      // The thread goes down with what is evaluated: that is no failure of the evaluation.
      void farmprobe.inspector.evaluate('prober', how).catch(() => {})
      await restarted(farmprobe, withinMs)
      const { due, probed, missed } = courseBetween(from, await farmprobe.scraper.read(), busy)
      const seen = `1 restart; of ${Math.round(due)} slots ${probed} probed and ${missed} counted as missed`
      if (missed === 0 || Math.abs(due - probed - missed) > countingSlack) throw new Miss(seen)
      return seen
    })
  },
})

export const proberFaults: readonly Fault[] = [
  dies('prober-exits', 'process.exit(3)'),
  dies('prober-throws', 'setImmediate(() => { throw new Error("planted by the fault suite") })'),
  dies(
    'prober-out-of-memory',
    'for (const all = []; ; ) all.push(Array.from({ length: 10_000 }, () => ({})))',
    {
      nodeArgs: ['--max-old-space-size=128'],
    },
  ),
  {
    ...dies(
      'prober-hangs',
      'for (;;);',
      {},
      'ended after 30 s of silence, one restart, its slots counted as missed, then on as before',
      45_000,
    ),
    long: true,
  },
  {
    name: 'prober-loop-blocked',
    expected: 'slots missed and counted, the samples in flight marked suspect, no node blamed',
    async run({ experiment }) {
      await using slow = await startRawServer((socket) => setTimeout(() => socket.end(answer), 300))
      const farms = [badFarm({ port: slow.port, check: { timeout: '5s' } })]
      return await experiment({ farms, allow: { missed: true } }, async (farmprobe) => {
        await sleep(1000)
        await farmprobe.inspector.evaluate('prober', busyFor(1500))
        const suspects = () => farmprobe.grown('farmprobe_suspect_samples_total')
        await farmprobe.until('suspect sample', async () => (await suspects()) > 0)
        const missed = () => farmprobe.grown('farmprobe_missed_slots_total', { farm: 'healthy' })
        await farmprobe.until('missed slot of the healthy farm', async () => (await missed()) > 0)
        if ((await blamed(farmprobe)) > 0) throw new Miss('a node was blamed')
        return `${await missed()} slots of the healthy farm missed, ${await suspects()} samples suspect`
      })
    },
  },
  {
    name: 'main-loop-blocked',
    expected: 'for 3 s: not one slot is late or missed; what was probed meanwhile is counted afterwards',
    run: ({ experiment }) =>
      experiment({}, async (farmprobe) => {
        await farmprobe.inspector.evaluate('main', busyFor(3000))
        // Ten probes a second.
        const probed = () => farmprobe.grown('farmprobe_probes_total')
        await farmprobe.until('30 probes counted', async () => (await probed()) >= 30, 1000)
        const late = 1 - startedWithin(0.1, farmprobe.before, await farmprobe.scraper.read())
        if (late > 0.1) throw new Miss(`${Math.round(100 * late)} % of probes were late`)
        return `${await probed()} probes counted, ${Math.round(100 * late)} % late`
      }),
  },
]
