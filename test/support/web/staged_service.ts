/** The web interface over a simulated farm that has been watched for hours, within a second. */

import { createVirtualClock } from '../../../proof/truth/simulated/virtual_clock.ts'
import { createVirtualFarm } from '../../../proof/truth/simulated/virtual_probe.ts'
import { createVirtualSchedule } from '../../../proof/truth/simulated/virtual_schedule.ts'
import { createMonitor } from '../../../src/detect/monitor.ts'
import type { Journal } from '../../../src/journal/journal.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { type Clock, systemClock } from '../../../src/runtime/clock.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { createLive, type Live } from '../../../src/web/live/live.ts'
import type { Ports } from '../../../src/web/web_ports.ts'
import { startWeb, type Web } from '../../../src/web/web_server.ts'
import { quietLog } from '../quiet_log.ts'
import { samplePorts } from './sample_web.ts'

export interface Staged extends AsyncDisposable {
  readonly web: Web
  readonly live: Live
  readonly ports: Ports
  /** From the end of the simulation on it goes as the real clock does. */
  readonly clock: Clock
}

/** Watches the scenario for `forMs` of its own time up to now, then serves what was seen on a loopback port; `alsoTo` gets it too. */
export async function stageService(
  scenario: Scenario,
  seed: number,
  forMs: number,
  alsoTo: Pick<Journal, 'observe' | 'record'> = { observe: () => undefined, record: () => undefined },
): Promise<Staged> {
  const simulated = createVirtualFarm({ ...scenario, startMs: Date.now() - forMs }, seededRandom(seed))
  const virtual = createVirtualClock(simulated.startMs)
  const endMs = simulated.startMs + forMs
  let endedAtMs: number | undefined
  const clock: Clock = {
    ...systemClock,
    wallMs: () =>
      endedAtMs === undefined ? virtual.wallMs() : endMs + systemClock.monotonicMs() - endedAtMs,
  }
  const live = createLive(clock)
  const monitor = createMonitor(simulated.farm)
  const observe = (outcome: Outcome) => {
    live.observe(outcome)
    alsoTo.observe(outcome)
    for (const event of monitor.observe(outcome)) {
      live.record(event)
      alsoTo.record(event)
    }
  }
  await createVirtualSchedule(simulated.farm, virtual, simulated.respond, observe).runUntil(endMs)
  endedAtMs = systemClock.monotonicMs()
  const ports = samplePorts({
    live,
    farms: () => [simulated.farm],
    readings: () => monitor.readings(clock.wallMs()),
    mark: live.marked,
  })
  const web = await startWeb({
    host: '127.0.0.1',
    port: 0,
    version: '0.1.0',
    clock,
    log: quietLog().log,
    ports,
  })
  return { web, live, ports, clock, [Symbol.asyncDispose]: () => web.close() }
}
