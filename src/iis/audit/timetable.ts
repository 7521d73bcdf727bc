import type { Pool } from '../read/app_pool.ts'
import type { Machine } from '../read/machine.ts'
import { usedPools } from './scope.ts'

/** A minute after midnight for a pool, near the given one. */
export type FreeMinute = (pool: Pool, near?: number) => number

const dayMinutes = 24 * 60

/** Recycling is proposed from three in the morning, when nothing better is known. */
const quietMinute = 3 * 60

/** Long enough for one worker to warm up before the next one is replaced. */
const stepMinutes = 10

/**
 * Finds minutes at which a pool can recycle without any other pool of its node, or itself on another node, doing so:
 * each pool of each machine has its own, so that the fixes of several findings do not clash either.
 */
export function planTimetable(machines: readonly Machine[]): FreeMinute {
  const pools = machines.flatMap((machine) => usedPools(machine).map(({ pool }) => pool))
  const taken = new Set(pools.flatMap(({ recycleAt }) => recycleAt.map(({ value }) => value)))
  const order = new Map(pools.map((pool, index) => [pool, index]))
  return (pool, near = quietMinute) => {
    let minute = (near + stepMinutes * (order.get(pool) ?? 0)) % dayMinutes
    for (let tries = 0; taken.has(minute) && tries < dayMinutes; tries++) minute = (minute + 1) % dayMinutes
    return minute
  }
}
