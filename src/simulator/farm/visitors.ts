import { dayMs, hourMs } from '../../runtime/duration.ts'
import type { Random } from '../../runtime/random.ts'
import type { UserPlan } from './blueprint.ts'
import { exponentialMs } from './chance.ts'
import type { Sender } from './true_events.ts'

/** Without a user for this long, none is expected. */
const horizonMs = 14 * dayMs

/** How busy a site is, from 0 in the dead of night to 1 in the afternoon (UTC). */
export function daily(atMs: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * (atMs - 2 * hourMs)) / dayMs)
}

export type Visitors = ReturnType<typeof createVisitors>

/**
 * What else requests an application: its users, and its balancer's health checks. Users arrive as a Poisson process. That
 * has no memory, so instead of sending thousands of requests a second the model draws the few that matter: the next after
 * a moment, the last before one.
 */
export function createVisitors(
  users: UserPlan,
  share: number,
  health: { readonly everyMs: number; readonly firstMs: number } | undefined,
  random: Random,
) {
  let inRotation = true
  const perSecond = (atMs: number): number =>
    inRotation ? users.perSecond * share * (users.night + (1 - users.night) * daily(atMs)) : 0

  return {
    /** A node out of rotation gets health checks only. */
    setRotation(isIn: boolean): void {
      inRotation = isIn
    },
    perSecond,
    /** The next request after `afterMs`; at Infinity when none comes. */
    next(afterMs: number): { readonly atMs: number; readonly from: Sender } {
      const userMs = nextUser(afterMs, perSecond, random)
      const healthMs = health === undefined ? Number.POSITIVE_INFINITY : nextOnGrid(health, afterMs)
      return healthMs < userMs ? { atMs: healthMs, from: 'health' } : { atMs: userMs, from: 'user' }
    },
    /** When the last request came between the two moments; undefined when none did. */
    last(fromMs: number, toMs: number): number | undefined {
      const backMs = exponentialMs(1000 / perSecond((fromMs + toMs) / 2), random)
      const userMs = toMs - backMs
      const healthMs = health === undefined ? 0 : nextOnGrid(health, toMs) - health.everyMs
      const lastMs = Math.max(userMs, healthMs)
      return lastMs > fromMs ? lastMs : undefined
    },
    /** When the first user asked for one path, of `paths`, between the two moments; undefined when none did. */
    firstUser(fromMs: number, toMs: number, paths: number): number | undefined {
      const meanMs = (1000 * paths) / perSecond((fromMs + toMs) / 2)
      const atMs = fromMs + exponentialMs(meanMs, random)
      return atMs < toMs ? atMs : undefined
    },
  }
}

/** Draws hour by hour, because the rate changes over the day. */
function nextUser(afterMs: number, perSecond: (atMs: number) => number, random: Random): number {
  for (let fromMs = afterMs; fromMs < afterMs + horizonMs; fromMs += hourMs) {
    const gapMs = exponentialMs(1000 / perSecond(fromMs), random)
    if (gapMs < hourMs) return fromMs + gapMs
    if (gapMs === Number.POSITIVE_INFINITY) break
  }
  return Number.POSITIVE_INFINITY
}

function nextOnGrid(grid: { readonly everyMs: number; readonly firstMs: number }, afterMs: number): number {
  return grid.firstMs + (Math.floor((afterMs - grid.firstMs) / grid.everyMs) + 1) * grid.everyMs
}
