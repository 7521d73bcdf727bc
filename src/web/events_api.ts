import type { Context } from 'hono'
import type { Ports } from './ports.ts'
import { parseSince } from './since.ts'

/** `GET /api/v1/events?since=&farm=`: what happened, the oldest first. */
export function eventsApi(c: Context, ports: Ports, nowMs: number): Response {
  const { since, farm } = c.req.query()
  const sinceMs = since === undefined ? 0 : parseSince(since, nowMs)
  if (sinceMs === undefined) return c.json({ error: badSince(since ?? '') }, 400)
  const events = ports.events(sinceMs, farm)
  // Events of a farm that was removed are still told, so only a farm without any is looked up.
  if (farm !== undefined && events.length === 0 && !ports.farms().some(({ name }) => name === farm))
    return c.json({ error: noSuchFarm(farm, ports) }, 404)
  return c.json({ events: events.map((event) => ({ at: new Date(event.atMs).toISOString(), ...event })) })
}

const badSince = (text: string) =>
  `since=${JSON.stringify(text)} is no time: give a duration such as 15m, a time such as 2026-02-03T04:05:06Z, or a Unix time`

/** Tells which farms there are to someone who named another. */
export function noSuchFarm(farm: string, ports: Ports): string {
  const names = ports.farms().map(({ name }) => name)
  return `there is no farm ${JSON.stringify(farm)}; the farms are ${names.join(', ') || 'none yet'}`
}
