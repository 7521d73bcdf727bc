/** Incidents: those that are over from the past, those that go on as they are known now. */
import type { Incident } from '../../model/incident.ts'
import { belongsTo, spanAround } from '../../model/incident_events.ts'
import { eventView } from '../live/event_view.ts'
import type { Ports } from '../web_ports.ts'
import { farmNamed } from './named_targets.ts'
import { farm, impact, incidentId, limit, since, until } from './parameters.ts'
import { Refusal } from './refusal.ts'
import { type Route, readRoute } from './route.ts'
import { spanOf } from './spans.ts'

const usualIncidents = 1000

export const incidentsApi: Route = readRoute({
  path: '/api/v1/incidents',
  summary:
    'Incidents of which a part lies in the span, the newest first. Their events are at /api/v1/incidents/{id}.',
  parameters: { since, until, farm, impact, limit: limit(10_000) },
  schema: 'incidents',
  async answer(given, { ports, nowMs }) {
    const span = spanOf(given, nowMs, 0)
    const most = given.limit ?? usualIncidents
    const now = openNow(ports, nowMs).filter(
      (each) =>
        each.openedMs < span.untilMs &&
        (given.farm === undefined || each.farm === given.farm) &&
        (given.impact === undefined || each.impact === given.impact),
    )
    const past = await ports.history().incidents(span, given, most)
    // A farm that was removed still has incidents: only a farm without any must exist.
    if (given.farm !== undefined && past.length + now.length === 0) farmNamed(ports, given.farm)
    const all = [...new Map([...past, ...now].map((each) => [each.id, each])).values()]
    const incidents = all.sort((a, b) => b.openedMs - a.openedMs)
    return {
      ...span,
      limited: incidents.length > most || past.length >= most,
      incidents: incidents.slice(0, most),
    }
  },
})

export const incidentApi: Route = readRoute({
  path: '/api/v1/incidents/:id',
  summary: 'One incident with its events, the oldest first.',
  parameters: { id: incidentId },
  schema: 'incident',
  async answer({ id = '' }, { ports, nowMs }) {
    const history = ports.history()
    const now = openNow(ports, nowMs).find((each) => each.id === id)
    const incident = now ?? (await history.incident(id))
    if (incident === undefined)
      throw new Refusal(404, `no incident has the id ${JSON.stringify(id)}; /api/v1/incidents lists them`)
    const events = await history.events(spanAround(incident), { farm: incident.farm }, undefined, 10_000)
    return { ...incident, events: events.filter((event) => belongsTo(event, incident)).map(eventView) }
  },
})

const openNow = (ports: Ports, nowMs: number): Incident[] =>
  ports
    .farms()
    .flatMap(({ name }) => ports.readings(name)?.incidents ?? [])
    .filter(({ openedMs }) => openedMs <= nowMs)
