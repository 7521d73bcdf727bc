import type { Strip } from '../../history/strips.ts'
import type { FarmEvent } from '../../model/event.ts'
import { type Reason, reasons } from '../../model/outcome.ts'
import { hourMs } from '../../runtime/duration.ts'
import { farmNamed } from './named_targets.ts'
import { farm, since, target, until } from './parameters.ts'
import { type Route, readRoute } from './route.ts'
import { spanOf, stepLengthMs } from './spans.ts'

/** Cells of a strip: as many as can be distinguished on a phone. */
const mostCells = 60
const mostEvents = 10_000

export const stripsApi: Route = readRoute({
  path: '/api/v1/strips',
  summary: 'How each minute went for each target; the last hour unless `since` says otherwise.',
  parameters: { since, until, farm, target },
  schema: 'strips',
  async answer(given, { ports, nowMs }) {
    if (given.farm !== undefined) farmNamed(ports, given.farm)
    const history = ports.history()
    const asked = spanOf(given, nowMs, nowMs - hourMs)
    const stepMs = stepLengthMs(asked, mostCells)
    const span = { ...asked, sinceMs: Math.floor(asked.sinceMs / stepMs) * stepMs }
    const strips = await history.strips(span, given, stepMs)
    const events = await history.events(span, given, new Set(['recycle', 'stall']), mostEvents)
    const byTarget = Map.groupBy(events, (event) => ('target' in event ? keyOf(event) : ''))
    return {
      ...span,
      stepMs,
      strips: strips.map((strip) => ({
        ...stripView(strip),
        ...marksView(byTarget.get(keyOf(strip)) ?? []),
      })),
    }
  },
})

const keyOf = ({ farm, target }: Pick<Strip, 'farm' | 'target'>) => `${farm}\n${target}`

const stripView = ({ farm, target, probes, failures, longestMs, reasons: byCell }: Strip) => ({
  farm,
  target,
  probes,
  failures,
  firstByteMaxMs: longestMs.map(Math.round),
  reasons: Object.fromEntries([...byCell].map(([cell, counts]) => [cell, mostFrequent(counts)])),
})

const marksView = (events: readonly FarmEvent[]) => ({
  recycledAtMs: events.filter(({ kind }) => kind === 'recycle').map(({ atMs }) => atMs),
  stalls: events.flatMap((event) =>
    event.kind === 'stall' ? [{ atMs: event.atMs, lengthMs: event.lengthMs }] : [],
  ),
})

/** Of equally frequent ones the first in the list of reasons, whatever the order in which they were counted. */
const mostFrequent = (counts: Partial<Record<Reason, number>>): Reason =>
  reasons.reduce((most, each) => ((counts[each] ?? 0) > (counts[most] ?? 0) ? each : most))
