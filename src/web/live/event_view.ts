/** Events and marks as the API sends them: with an id to link to, and an event with the sentence a person would say. */
import type { FarmEvent } from '../../model/event.ts'
import { sentenceOf } from '../../model/event_sentence.ts'
import type { Mark } from '../../model/past.ts'
import type { EventView, MarkView } from '../api/schemas.ts'

export function eventView(event: FarmEvent): EventView {
  const facts = event.kind === 'balancer_error' ? { ...event, probe: event.id } : event
  return { ...facts, id: eventId(event), at: iso(event.atMs), sentence: sentenceOf(event) }
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
  if ('target' in event) return 'check' in event ? `${event.target}.${event.check}` : event.target
  return 'check' in event ? event.check : event.farm
}
