/** Which events are told of an incident. */
import type { FarmEvent } from './event.ts'
import type { Incident } from './incident.ts'
import type { Span } from './past.ts'

/** Later than any event, wall milliseconds. */
const latestMs = 8e15
/** How far before and after an incident its events may lie, in milliseconds: a deploy begins with its first node. */
const aroundMs = 15 * 60_000
/** How long before the first sign a recycle may have caused it, in milliseconds. */
const leadMs = 20_000

/** Where all events of an incident lie. */
export const spanAround = ({ openedMs, closedMs }: Incident): Span => ({
  sinceMs: openedMs - aroundMs,
  untilMs: (closedMs ?? latestMs) + aroundMs,
})

/** What came before the first sign was reported before there was an incident. */
export const belongsTo = ({ incident: id, kind, atMs }: FarmEvent, incident: Incident): boolean =>
  id === incident.id ||
  (id === undefined &&
    (kind === 'recycle' || kind === 'first_request') &&
    atMs >= incident.openedMs - leadMs &&
    atMs <= (incident.closedMs ?? atMs))
