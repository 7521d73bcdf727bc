import type { Pool } from '../read/app_pool.ts'
import type { Machine } from '../read/machine.ts'
import { usedPools } from './scope.ts'

/** A minute after midnight for a pool, near the given one. */
export type FreeMinute = (pool: Pool, near?: number) => number

const dayMinutes = 24 * 60

/** Recycling is proposed from three in the morning, when nothing better is known. */
const quietMinute = 3 * 60

const quietMinutes = 2 * 60

/** Long enough for one worker to warm up before that of the next node is replaced. */
const nodeMinutes = 10

/**
 * Finds minutes at which a pool can recycle without any other pool of its node, or itself on another node, doing so. A
 * node audited alone has minutes of its own as well, as far as its name tells it from the others.
 */
export function planTimetable(machines: readonly Machine[]): FreeMinute {
  const slots = new Map<Pool, number>()
  const taken = new Set<number>()
  for (const [index, machine] of machines.entries()) {
    const pools = usedPools(machine).map(({ pool }) => pool)
    const node = machines.length > 1 ? index : nodeNumber(machine)
    for (const [order, pool] of pools.entries()) {
      slots.set(pool, (nodeMinutes * node + order) % Math.max(quietMinutes, pools.length))
      for (const { value } of pool.recycleAt) taken.add(value)
    }
  }
  return (pool, near = quietMinute) => {
    let minute = (near + (slots.get(pool) ?? 0)) % dayMinutes
    for (let tries = 0; taken.has(minute) && tries < dayMinutes; tries++) minute = (minute + 1) % dayMinutes
    return minute
  }
}

/** `2` of `web02`; of a name without a number, one that is always the same. */
function nodeNumber({ node }: Machine): number {
  const [digits] = /\d+$/.exec(node) ?? []
  if (digits !== undefined) return Number(digits.slice(-3))
  return Buffer.from(node).reduce((sum, byte) => sum + byte, 0)
}
