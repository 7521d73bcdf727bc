/** farmprobe, all of it but its sockets, on a simulated farm in virtual time. */

import { createMonitor } from '../../../src/detect/monitor.ts'
import type { OnJudged } from '../../../src/detect/recycle/cold_starts.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { recycledBy } from '../../../src/schedule/usual_time.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import type { Window } from '../scores/windows.ts'
import { createProbeRecorder, type ProbeRecord } from './probe_record.ts'
import { createVirtualClock } from './virtual_clock.ts'
import { createVirtualFarm } from './virtual_probe.ts'
import { createVirtualSchedule } from './virtual_schedule.ts'

/** One farm that was watched for a while: what was reported, and what really happened. */
export interface Watched {
  readonly scenario: Scenario
  readonly seed: number
  /** Wall milliseconds. */
  readonly startMs: number
  readonly endMs: number
  readonly events: readonly FarmEvent[]
  readonly truth: readonly TruthEvent[]
  readonly record: ProbeRecord
  readonly probes: number
}

/** Called as outcomes and events come; `nowMs` is the time, in wall milliseconds. */
interface Listener {
  outcome?(outcome: Outcome): void
  event?(event: FarmEvent, nowMs: number): void
  readonly onJudged?: OnJudged
}

/** What recycles, first requests and blame are scored from. `scored` is the part of the time that counts. */
export type Scorable = Omit<Watched, 'seed' | 'record' | 'probes'> & {
  readonly seed?: number
  readonly scored?: Window
  readonly record: Pick<ProbeRecord, 'tokens' | 'coldWaits' | 'warmTimes' | 'ownFault'>
}

/** How often the monitor draws conclusions that need only time, as in the service. */
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
  const recorder = createProbeRecorder(scenario, truth)
  const { onJudged } = listener
  const monitor = createMonitor(farm, onJudged && { onJudged })
  const events: FarmEvent[] = []
  let probes = 0

  const probe: typeof respond = (order, nowMs) => {
    const outcome = respond(order, nowMs)
    recorder.note(outcome)
    probes += 1
    return outcome
  }
  const emit = (news: readonly FarmEvent[]) => {
    for (const event of news) {
      events.push(event)
      const recycled = recycledBy(event, clock.wallMs())
      if (recycled !== undefined) schedule.scheduler.recycled(recycled)
      listener.event?.(event, clock.wallMs())
    }
  }
  const advance = () => {
    emit(monitor.advance(clock.wallMs()))
    clock.after(advanceEveryMs, advance)
  }

  const schedule = createVirtualSchedule(farm, clock, probe, (outcome) => {
    listener.outcome?.(outcome)
    emit(monitor.observe(outcome))
  })
  clock.after(advanceEveryMs, advance)
  const endMs = startMs + forMs
  await schedule.runUntil(endMs)
  return { scenario, seed, startMs, endMs, events, truth, record: recorder.until(endMs), probes }
}
