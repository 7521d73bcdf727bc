/** What a request asks for: its query parameters, read and checked. */
import type { Context } from 'hono'
import { type Farm, targetsOf } from '../../model/farm.ts'
import type { About, Span } from '../../model/past.ts'
import type { History } from '../past.ts'
import type { Ports } from '../web_ports.ts'
import { Refusal } from './refusal.ts'
import { parseSince } from './since.ts'

/** The span a request names with `since` and `until`; `sinceMs` is of what it does not name. */
export function spanOf(c: Context, nowMs: number, defaultSinceMs: number): Span {
  const { since, until } = c.req.query()
  // Until after now: what happens in this very millisecond is told.
  const untilMs = until === undefined ? nowMs + 1 : moment('until', until, nowMs)
  const sinceMs = since === undefined ? defaultSinceMs : moment('since', since, nowMs)
  if (sinceMs > untilMs) throw new Refusal(400, `since=${since} is later than until=${until ?? 'now'}`)
  return { sinceMs, untilMs }
}

function moment(name: string, text: string, nowMs: number): number {
  const atMs = parseSince(text, nowMs)
  if (atMs !== undefined) return atMs
  const right = 'a duration such as 15m, a time such as 2026-02-03T04:05:06Z, or a Unix time'
  throw new Refusal(400, `${name}=${JSON.stringify(text)} is no time: give ${right}`)
}

/** A span no longer than the history is, so that a span of years costs nothing. */
export const known = ({ sinceMs, untilMs }: Span, history: History): Span => ({
  sinceMs: Math.min(untilMs, Math.max(sinceMs, history.oldestMs())),
  untilMs,
})

/** The farm, target and check that a request names; `node` is another word for `target`. */
export function aboutOf(c: Context): About {
  const { farm, target, node, check } = c.req.query()
  const named = target ?? node
  return {
    ...(farm !== undefined && { farm }),
    ...(named !== undefined && { target: named }),
    ...(check !== undefined && { check }),
  }
}

/** `limit`, at most `most`. */
export function limitOf(c: Context, usual: number, most: number): number {
  const text = c.req.query('limit')
  if (text === undefined) return usual
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (limit < 1)
    throw new Refusal(400, `limit=${JSON.stringify(text)} is no count: give a whole number from 1 to ${most}`)
  return Math.min(limit, most)
}

/** The farm of that name, which must be there. */
export function farmNamed(ports: Ports, name: string): Farm {
  const farm = ports.farms().find((each) => each.name === name)
  if (farm === undefined) throw new Refusal(404, noSuchFarm(name, ports))
  return farm
}

/** The names of one series, which must be there; the first check of the target when none is named. */
export function seriesOf(c: Context, ports: Ports): Required<About> {
  const about = aboutOf(c)
  if (about.farm === undefined || about.target === undefined)
    throw new Refusal(400, 'name a farm and a target: ?farm=<name>&target=<node, or balancer>')
  const farm = farmNamed(ports, about.farm)
  const target = [farm.balancer, ...farm.nodes].find(({ name }) => name === about.target)
  if (target === undefined)
    throw new Refusal(404, `farm ${JSON.stringify(farm.name)} has no target ${JSON.stringify(about.target)}`)
  const checks = farm.checks
    .filter((check) => targetsOf(farm, check).includes(target))
    .map(({ name }) => name)
  const check = about.check ?? checks[0] ?? ''
  if (about.check !== undefined && !checks.includes(check))
    throw new Refusal(
      404,
      `${target.name} has no check ${JSON.stringify(check)}; it has ${checks.join(', ') || 'none'}`,
    )
  return { farm: farm.name, target: target.name, check }
}

/** Tells which farms there are to someone who named another. */
export function noSuchFarm(farm: string, ports: Ports): string {
  const names = ports.farms().map(({ name }) => name)
  return `there is no farm ${JSON.stringify(farm)}; the farms are ${names.join(', ') || 'none yet'}`
}
