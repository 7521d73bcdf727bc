/** Shows a recorded farm to the real monitor, as its main thread was shown it, in a moment. */
import { parseConfig } from '../../../../src/config/load_config.ts'
import { createMonitor } from '../../../../src/detect/monitor.ts'
import type { FarmEvent } from '../../../../src/model/event.ts'
import type { Farm } from '../../../../src/model/farm.ts'
import { nameOf, type Recording } from './recording.ts'

/** How often conclusions that need only time are drawn, as in the service. */
const advanceEveryMs = 1000

/** What the monitor says of it. Rejects when its configuration is none. */
export async function replay(recording: Recording): Promise<FarmEvent[]> {
  const monitor = createMonitor(await farmOf(recording))
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

const nothing = () => Promise.resolve({ why: 'a recorded farm names no files' })

async function farmOf(recording: Recording): Promise<Farm> {
  const result = await parseConfig(JSON.stringify(recording.config), nameOf(recording), {}, nothing)
  const [definition] = result.ok ? result.config.farms : []
  if (definition === undefined)
    throw new Error(`${nameOf(recording)}: its configuration is refused: ${JSON.stringify(result)}`)
  return definition.farm
}
