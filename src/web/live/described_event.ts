/** Events and marks as other programs read them: with an id to link to, and with the sentence a person would say. */
import type { FarmEvent } from '../../model/event.ts'
import { tell } from '../../model/event_sentence.ts'
import type { Mark } from '../../model/past.ts'

/** An event for the API. */
export const told = (event: FarmEvent) => ({
  ...event,
  ...(event.kind === 'balancer_error' && { probe: event.id }),
  id: eventId(event),
  at: new Date(event.atMs).toISOString(),
  sentence: tell(event),
})

export type Told = ReturnType<typeof told>

/** A mark for the API. */
export const markView = ({ atMs, text, farm, target }: Mark) => ({
  id: `${Math.floor(atMs)}.mark.${target ?? farm ?? ''}`,
  at: new Date(atMs).toISOString(),
  atMs,
  text,
  ...(farm !== undefined && { farm }),
  ...(target !== undefined && { target }),
})

export type MarkView = ReturnType<typeof markView>

/** The same for the same event, in every process. */
const eventId = (event: FarmEvent) => `${Math.floor(event.atMs)}.${event.kind}.${subjectOf(event)}`

function subjectOf(event: FarmEvent): string {
  if (event.kind === 'balancer_error') return event.id
  if ('target' in event) return 'check' in event ? `${event.target}.${event.check}` : event.target
  return 'check' in event ? event.check : event.farm
}
