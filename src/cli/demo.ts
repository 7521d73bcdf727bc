import { builtIn } from '../config/schema/config_keys.ts'
import type { FarmEvent } from '../model/event.ts'
import { tell } from '../model/event_sentence.ts'
import { seededRandom } from '../runtime/random.ts'
import { demoScenario } from '../simulator/demo.ts'
import { narrate } from '../simulator/narration.ts'
import { startSocketFarm } from '../simulator/sockets/socket_farm.ts'
import { createCommentary } from './demo_commentary.ts'
import { startOrExplain } from './start_service.ts'
import { type Edge, untilStopped } from './terminal.ts'
import { version } from './version.ts'

/**
 * The verb `demo`: a simulated farm on loopback sockets that recycles, cools down and makes its balancer answer 502,
 * and a farmprobe that watches it; both tell what they do and see. Returns the exit code.
 */
export async function demo(
  options: { seed: number; host: string; port: number; forMs?: number },
  edge: Edge,
): Promise<number> {
  const { clock } = edge
  const stopped = new AbortController()
  const over = untilStopped(edge.signals, stopped.signal)
  const random = seededRandom(options.seed)
  const scenario = demoScenario(options.seed)
  const simulated = await startSocketFarm({ scenario, clock, random, exporters: true })
  const commentary = createCommentary(edge.stdout, clock)
  simulated.onTruth((event) => commentary.happened(event.kind, narrate(event)))
  const config = {
    web: { host: options.host, port: options.port },
    journal: { path: 'data/farmprobe.db', keepMs: 0 },
    blackbox: builtIn.blackbox,
    farms: [{ farm: simulated.farm }],
    warnings: [],
    redacted: '# the demo has no configuration file\n',
  }
  const service = await startOrExplain(config, edge, {
    load: () => Promise.resolve({ ok: true, config }),
    clock,
    log: edge.log,
    version,
    lifecycle: false,
    onEvent: (event: FarmEvent) => commentary.seen(event.kind, tell(event)),
  })
  if (service === undefined) {
    await simulated.stop()
    return 2
  }
  commentary.opening(service.url, simulated.farm)
  const cancel = options.forMs === undefined ? undefined : clock.after(options.forMs, () => stopped.abort())
  await over
  cancel?.()
  await service.stop(1000)
  await simulated.stop()
  commentary.closing()
  return 0
}
