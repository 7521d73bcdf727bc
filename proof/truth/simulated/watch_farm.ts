/** farmprobe, whole but for its sockets, on a simulated farm in virtual time. */

import { createMonitor } from '../../../src/detect/monitor.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import type { Order } from '../../../src/model/outcome.ts'
import { endedMs, type Outcome } from '../../../src/model/outcome.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { createScheduler } from '../../../src/schedule/scheduler.ts'
import { recycledBy } from '../../../src/schedule/usual_time.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import type { Window } from '../scores/windows.ts'
import { createWitness, type Witnessed } from './probe_record.ts'
import { createVirtualClock } from './virtual_clock.ts'
import { createVirtualFarm } from './virtual_probe.ts'

/** One farm that was watched for a while: what was told, and what really happened. */
export interface Watched {
  readonly scenario: Scenario
  readonly seed: number
  /** Wall milliseconds. */
  readonly startMs: number
  readonly endMs: number
  readonly events: readonly FarmEvent[]
  readonly truth: readonly TruthEvent[]
  readonly witnessed: Witnessed
  readonly probes: number
}

/** Hears what is seen and told as it happens; `nowMs` is when, in wall milliseconds. */
interface Listener {
  outcome?(outcome: Outcome): void
  event?(event: FarmEvent, nowMs: number): void
}

/** What recycles, first requests and blame are scored from. `scored`: the part of the time that counts. */
export type Scorable = Omit<Watched, 'seed' | 'witnessed' | 'probes'> & {
  readonly seed?: number
  readonly scored?: Window
  readonly witnessed: Pick<Witnessed, 'tokens' | 'coldWaits' | 'warmTimes' | 'ownFault'>
}

/** Awaited, it lets promises that are due do what they are to do. */
const aMoment = Promise.resolve()

/** How often conclusions that need only time are drawn, as in the service. */
const advanceEveryMs = 1000

/**
 * Watches a farm for `forMs`. Slots, overlap, bursts, sweeps and suspicion are the prober thread's own scheduler, the
 * conclusions are the main thread's own monitor; only the clock and the farm are not real. The same seed gives the same.
 */
export async function watchFarm(
  scenario: Scenario,
  seed: number,
  forMs: number,
  listener: Listener = {},
): Promise<Watched> {
  const { farm, startMs, truth, respond } = createVirtualFarm(scenario, seededRandom(seed))
  const clock = createVirtualClock(startMs)
  const witness = createWitness(scenario, truth)
  const monitor = createMonitor(farm)
  const events: FarmEvent[] = []
  const count = { probes: 0, returned: 0, told: 0 }

  const probe = (order: Order): Promise<Outcome> => {
    const outcome = respond(order, clock.wallMs())
    witness.note(outcome)
    count.probes += 1
    return new Promise((resolve) => {
      clock.after(endedMs(outcome) - clock.wallMs(), () => {
        count.returned += 1
        resolve(outcome)
      })
    })
  }
  const tell = (news: readonly FarmEvent[]) => {
    for (const event of news) {
      events.push(event)
      const recycled = recycledBy(event, clock.wallMs())
      if (recycled !== undefined) scheduler.recycled(recycled)
      listener.event?.(event, clock.wallMs())
    }
  }
  const outcome = (each: Outcome) => {
    count.told += 1
    listener.outcome?.(each)
    tell(monitor.observe(each))
  }
  const advance = () => {
    tell(monitor.advance(clock.wallMs()))
    clock.after(advanceEveryMs, advance)
  }

  const scheduler = createScheduler({ clock, probe, originMs: 0, emit: { outcome, missed: () => undefined } })
  scheduler.apply([farm])
  clock.after(advanceEveryMs, advance)
  const endMs = startMs + forMs
  while (clock.nextMs() < endMs) {
    clock.step()
    // What a probe's return brings about comes by promises: time stands still until it has.
    while (count.told < count.returned) await aMoment
  }
  return {
    scenario,
    seed,
    startMs,
    endMs,
    events,
    truth,
    witnessed: witness.testify(endMs),
    probes: count.probes,
  }
}
