/** Incidents: those that are over from the past, those that go on as they are known now. */
import type { AboutIncidents, Eventual, History } from '../../history/history.ts'
import type { Incident } from '../../model/incident.ts'
import { belongsTo, spanAround } from '../../model/incident_events.ts'
import type { Span } from '../../model/past.ts'
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
    const now = openNow(ports, nowMs).filter(
      (each) =>
        each.openedMs < span.untilMs &&
        (given.farm === undefined || each.farm === given.farm) &&
        (given.impact === undefined || each.impact === given.impact),
    )
    const past = pastIncidents(ports.history(), span, given)
    const newest = (await past.next()).value ?? []
    // A farm that was removed still has incidents: only a farm without any must exist.
    if (given.farm !== undefined && newest.length + now.length === 0) farmNamed(ports, given.farm)
    return answerOf(withOpen(newest, past, now), given.limit ?? usualIncidents, span)
  },
})

/** So many are about 60 kB. */
const slice = 50
const mostIncidents = 10_000

/** The newest first, read a slice at a time: of thousands an answer has megabytes. */
async function* pastIncidents(
  history: Eventual<History>,
  span: Span,
  about: AboutIncidents,
): AsyncGenerator<readonly Incident[], undefined> {
  const seen = new Set<string>()
  for (let [untilMs, most] = [span.untilMs, slice]; ; ) {
    const found = await history.incidents({ ...span, untilMs }, about, most)
    const unseen = found.filter(({ id }) => !seen.has(id))
    // None may be left, or a whole slice be of one moment or damaged.
    if (unseen.length === 0 && most === mostIncidents) return undefined
    most = unseen.length === 0 ? mostIncidents : slice
    for (const { id } of unseen) seen.add(id)
    untilMs = (found.at(-1)?.openedMs ?? untilMs) + 1
    yield unseen
  }
}

const byAge = (a: Incident, b: Incident) => b.openedMs - a.openedMs

/** Those of the past with the open ones as they are known now, in slices, the newest first. */
async function* withOpen(
  newest: readonly Incident[],
  past: AsyncIterable<readonly Incident[]>,
  now: readonly Incident[],
): AsyncGenerator<readonly Incident[]> {
  const ids = new Set(now.map(({ id }) => id))
  let open = now.toSorted(byAge)
  const merged = (incidents: readonly Incident[], oldestMs: number) => {
    const due = open.filter(({ openedMs }) => openedMs >= oldestMs)
    open = open.slice(due.length)
    return [...incidents.filter(({ id }) => !ids.has(id)), ...due].sort(byAge)
  }
  yield merged(newest, newest.at(-1)?.openedMs ?? Number.POSITIVE_INFINITY)
  for await (const incidents of past)
    yield merged(incidents, incidents.at(-1)?.openedMs ?? Number.POSITIVE_INFINITY)
  yield merged([], Number.NEGATIVE_INFINITY)
}

async function* answerOf(
  slices: AsyncIterable<readonly Incident[]>,
  most: number,
  span: Span,
): AsyncGenerator<string> {
  let count = 0
  yield '{"incidents":['
  for await (const incidents of slices) {
    const texts = incidents.slice(0, most - count).map((incident) => JSON.stringify(incident))
    if (texts.length > 0) yield `${count === 0 ? '' : ','}${texts.join(',')}`
    count += incidents.length
    if (count > most) break
  }
  yield `],${JSON.stringify({ ...span, limited: count > most }).slice(1)}`
}

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
