/** The process's own parts failing: its threads end, hang, or are late. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startRawServer } from '../../test/support/raw_server.ts'
import { type Fault, Miss } from '../fault.ts'
import type { Scene } from '../scene.ts'
import { startedWithin } from '../support/healthy_farm.ts'
import { answer, badFarm } from '../support/servers.ts'

const busyFor = (ms: number) => `for (const end = Date.now() + ${ms}; Date.now() < end;);`

/** The thread goes down with what is evaluated: that is no failure of the evaluation. */
const endProber = ({ inspector }: Scene, how: string) => inspector.evaluate('prober', how).catch(() => {})

async function restarted(scene: Scene, withinMs: number): Promise<string> {
  const restarts = () => scene.grown('farmprobe_prober_restarts_total')
  await scene.until('restart of the prober', async () => (await restarts()) === 1, withinMs)
  const probed = await scene.value('farmprobe_probes_total', { farm: 'healthy' })
  const probing = async () => (await scene.value('farmprobe_probes_total', { farm: 'healthy' })) > probed + 10
  await scene.until('probe after the restart', probing)
  const missed = await scene.grown('farmprobe_missed_slots_total')
  return `1 restart, ${missed} slots counted as missed`
}

const started = 'one restart, its slots counted as missed, then on as before'

/** What the detectors said since the start. */
const blamed = async (scene: Scene) =>
  (await scene.value('farmprobe_outages_total')) + (await scene.value('farmprobe_recycles_total'))

export const proberFaults: readonly Fault[] = [
  {
    name: 'prober-exits',
    expected: started,
    run: ({ suffer }) =>
      suffer({ allow: { missed: true } }, async (scene) => {
        await endProber(scene, 'process.exit(3)')
        return restarted(scene, 5000)
      }),
  },
  {
    name: 'prober-throws',
    expected: started,
    run: ({ suffer }) =>
      suffer({ allow: { missed: true } }, async (scene) => {
        await endProber(scene, 'setImmediate(() => { throw new Error("planted by the fault suite") })')
        return restarted(scene, 5000)
      }),
  },
  {
    name: 'prober-out-of-memory',
    expected: started,
    run: ({ suffer }) =>
      suffer({ nodeArgs: ['--max-old-space-size=128'], allow: { missed: true } }, async (scene) => {
        await endProber(
          scene,
          'for (const all = []; ; ) all.push(Array.from({ length: 10_000 }, () => ({})))',
        )
        return restarted(scene, 15_000)
      }),
  },
  {
    name: 'prober-hangs',
    expected: 'ended after 30 s of silence, one restart, its slots counted as missed, then on as before',
    long: true,
    run: ({ suffer }) =>
      suffer({ allow: { missed: true } }, async (scene) => {
        void scene.inspector.evaluate('prober', 'for (;;);').catch(() => {})
        return restarted(scene, 45_000)
      }),
  },
  {
    name: 'prober-loop-blocked',
    expected: 'slots missed and counted, the samples in flight marked suspect, no node blamed',
    async run({ suffer }) {
      await using slow = await startRawServer((socket) => setTimeout(() => socket.end(answer), 300))
      const farms = [badFarm({ port: slow.port, check: { timeout: '5s' } })]
      return await suffer({ farms, allow: { missed: true } }, async (scene) => {
        await sleep(1000)
        await scene.inspector.evaluate('prober', busyFor(1500))
        const suspects = () => scene.grown('farmprobe_suspect_samples_total')
        await scene.until('suspect sample', async () => (await suspects()) > 0)
        const missed = () => scene.grown('farmprobe_missed_slots_total', { farm: 'healthy' })
        await scene.until('missed slot of the healthy farm', async () => (await missed()) > 0)
        if ((await blamed(scene)) > 0) throw new Miss('a node was blamed')
        return `${await missed()} slots of the healthy farm missed, ${await suspects()} samples suspect`
      })
    },
  },
  {
    name: 'main-loop-blocked',
    expected: 'for 3 s: not one slot is late or missed; what was probed meanwhile is counted afterwards',
    run: ({ suffer }) =>
      suffer({}, async (scene) => {
        await scene.inspector.evaluate('main', busyFor(3000))
        // Ten probes a second.
        const probed = () => scene.grown('farmprobe_probes_total')
        await scene.until('30 probes counted', async () => (await probed()) >= 30, 1000)
        const late = 1 - startedWithin(0.1, scene.before, await scene.scraper.read())
        if (late > 0.1) throw new Miss(`${Math.round(100 * late)} % of probes were late`)
        return `${await probed()} probes counted, ${Math.round(100 * late)} % late`
      }),
  },
]
