import type { Context } from 'hono'
import { eventKinds } from '../../model/event.ts'
import { told } from '../live/described_event.ts'
import type { Ports } from '../web_ports.ts'
import { aboutOf, known, limitOf, noSuchFarm, spanOf } from './query_parameters.ts'
import { Refusal } from './refusal.ts'

const usualEvents = 1000
const mostEvents = 10_000

/** `GET /api/v1/events?since=&until=&farm=&node=&kind=&limit=`: what happened, the oldest first; the newest when limited. */
export function eventsApi(c: Context, ports: Ports, nowMs: number): Response {
  const history = ports.history()
  const about = aboutOf(c)
  const limit = limitOf(c, usualEvents, mostEvents)
  const span = known(spanOf(c, nowMs, 0), history)
  const found = history.events(span, about, kindsOf(c), limit)
  // Events of a farm that was removed are still told, so only a farm without any is looked up.
  if (
    about.farm !== undefined &&
    found.length === 0 &&
    !ports.farms().some(({ name }) => name === about.farm)
  )
    throw new Refusal(404, noSuchFarm(about.farm, ports))
  return c.json({
    ...span,
    limited: found.length >= limit,
    events: found.map(told),
    blind: history.blind(span, about),
  })
}

/** `kind` may be given several times, or hold several, with commas. */
function kindsOf(c: Context): ReadonlySet<string> | undefined {
  const kinds = (c.req.queries('kind') ?? []).flatMap((text) => text.split(',')).filter((kind) => kind !== '')
  const wrong = kinds.find((kind) => !(eventKinds as readonly string[]).includes(kind))
  if (wrong !== undefined)
    throw new Refusal(400, `kind=${JSON.stringify(wrong)} is none; the kinds are ${eventKinds.join(', ')}`)
  return kinds.length === 0 ? undefined : new Set(kinds)
}
