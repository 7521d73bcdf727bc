/** Replays a recorded farm through the real monitor, in the order and at the times of the main thread. */
import { parseConfig } from '../../../../src/config/load_config.ts'
import { createMonitor } from '../../../../src/detect/monitor.ts'
import type { OnJudged } from '../../../../src/detect/recycle/cold_starts.ts'
import type { FarmEvent } from '../../../../src/model/event.ts'
import type { Farm } from '../../../../src/model/farm.ts'
import { minuteMs } from '../../../../src/runtime/duration.ts'
import { nameOf, type Recording } from './recording.ts'

/** The service advances its monitors this often. */
const advanceEveryMs = 1000

/** Returns the monitor's events. Rejects when the recorded configuration is refused. */
export async function replay(
  recording: Recording,
  onJudged?: OnJudged,
  quietMs: number = minuteMs,
): Promise<FarmEvent[]> {
  const options = { quietMs: () => quietMs, ...(onJudged && { onJudged }) }
  const monitor = createMonitor(await farmOf(recording), options)
  const events: FarmEvent[] = []
  let nextMs = recording.startMs + advanceEveryMs
  const until = (ms: number) => {
    for (; nextMs <= ms; nextMs += advanceEveryMs) events.push(...monitor.advance(nextMs))
  }
  for (const { postedMs, outcome } of recording.probes) {
    until(postedMs)
    events.push(...monitor.observe(outcome))
  }
  until(recording.endMs)
  return events
}

const nothing = () => Promise.resolve({ why: 'a recording has no files' })

async function farmOf(recording: Recording): Promise<Farm> {
  const result = await parseConfig(JSON.stringify(recording.config), nameOf(recording), {}, nothing)
  const [definition] = result.ok ? result.config.farms : []
  if (definition === undefined)
    throw new Error(`${nameOf(recording)}: the recorded configuration is refused: ${JSON.stringify(result)}`)
  return definition.farm
}
