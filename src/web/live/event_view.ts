/** Events and marks as the API sends them: with an id to link to, and an event with the sentence a person would say. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FarmEvent } from '../../model/event.ts'
import { sentenceOf } from '../../model/event_sentence.ts'
import type { Mark } from '../../model/past.ts'
import type { EventView, MarkView } from '../api/schemas.ts'

export function eventView(event: FarmEvent): EventView {
  const facts = event.kind === 'balancer_error' ? { ...event, probe: event.id } : event
  return { ...facts, id: eventId(event), at: iso(event.atMs), sentence: sentenceOf(event) }
}

/** So many take about a millisecond. */
const slice = 100

/** Events as JSON, with commas between them. */
export const eventsText = (events: readonly FarmEvent[]): string =>
  events.map((event) => JSON.stringify(eventView(event))).join(',')

/** The same in slices; other work gets its turn in between. */
export async function* slicesOf(events: readonly FarmEvent[]): AsyncGenerator<string> {
  for (let at = 0; at < events.length; at += slice) {
    yield eventsText(events.slice(at, at + slice))
    await nextTurn()
  }
}

export const markView = ({ atMs, text, farm, target }: Mark): MarkView => ({
  id: `${Math.floor(atMs)}.mark.${target ?? farm ?? ''}`,
  at: iso(atMs),
  atMs,
  text,
  ...(farm !== undefined && { farm }),
  ...(target !== undefined && { target }),
})

const iso = (atMs: number) => new Date(atMs).toISOString()

/** The same for the same event, in every process. */
const eventId = (event: FarmEvent) => `${Math.floor(event.atMs)}.${event.kind}.${subjectOf(event)}`

function subjectOf(event: FarmEvent): string {
  if (event.kind === 'balancer_error') return event.id
  if (event.kind === 'incident_opened') return `${event.incident}.${event.snapshot.impact}`
  if (event.kind === 'incident_closed') return `${event.incident}.${event.snapshot.amended.length}`
  if ('target' in event) return 'check' in event ? `${event.target}.${event.check}` : event.target
  return 'check' in event ? event.check : event.farm
}
