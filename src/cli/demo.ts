import { builtIn } from '../config/schema/config_keys.ts'
import type { FarmEvent } from '../model/event.ts'
import { sentenceOf } from '../model/event_sentence.ts'
import { seededRandom } from '../runtime/random.ts'
import { demoScenario } from '../simulator/demo_farm.ts'
import { narrate } from '../simulator/narration.ts'
import { startSocketFarm } from '../simulator/sockets/socket_farm.ts'
import { createCommentary } from './demo_commentary.ts'
import { type Edge, untilStopped, version } from './process_edge.ts'
import { startOrExplain } from './run.ts'

/** After so long without a failure an incident of the demo is over. */
const demoQuietMs = 5000

export interface DemoOptions {
  readonly seed: number
  readonly host: string
  readonly port: number
  /** Milliseconds after which it stops by itself. */
  readonly for?: number
}

/**
 * The verb `demo`: a simulated farm on loopback sockets that recycles, idles out and makes its balancer answer 502, and a
 * farmprobe that probes it, with a commentary of what both do and see. Returns the exit code.
 */
export async function demo(options: DemoOptions, edge: Edge): Promise<number> {
  const { clock } = edge
  const stopped = new AbortController()
  const over = untilStopped(edge, stopped.signal)
  const random = seededRandom(options.seed)
  const scenario = demoScenario(options.seed)
  const simulated = await startSocketFarm({ scenario, clock, random, exporters: true })
  const commentary = createCommentary(edge.stdout, clock)
  simulated.onTruth((event) => commentary.add('farm', event.kind, narrate(event)))
  const config = {
    web: { host: options.host, port: options.port },
    journal: { path: 'data/farmprobe.db', keepMs: 0 },
    // Its troubles follow each other closely.
    incidents: { quietMs: demoQuietMs },
    was: builtIn.was,
    receivers: [],
    blackbox: builtIn.blackbox,
    farms: [{ farm: simulated.farm }],
    warnings: [],
    redacted: '# the demo has no configuration file\n',
  }
  const counted = new Set<string>()
  const service = await startOrExplain(config, edge, {
    load: () => Promise.resolve({ ok: true, config }),
    clock,
    log: edge.log,
    version,
    lifecycle: false,
    onEvent(event: FarmEvent) {
      if (!isTold(event)) return
      // An incident is told again when it reaches users, and when more becomes known of it: it is still one.
      const once = `${event.kind} ${event.incident}`
      commentary.add('farmprobe', counted.has(once) ? undefined : event.kind, sentenceOf(event))
      if (event.incident !== undefined) counted.add(once)
    },
  })
  if (service === undefined) {
    await simulated.stop()
    return 2
  }
  commentary.opening(service.url, simulated.farm)
  const cancel = options.for === undefined ? undefined : clock.after(options.for, () => stopped.abort())
  await over
  cancel?.()
  await service.stop(1000)
  await simulated.stop()
  commentary.closing()
  return 0
}

/** An incident is told when it opens and when it closes; the page has what belongs to it. */
const isTold = ({ kind, incident }: FarmEvent): boolean =>
  incident === undefined || kind === 'incident_opened' || kind === 'incident_closed'
