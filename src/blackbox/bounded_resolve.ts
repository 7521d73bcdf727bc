import type { Resolve } from '../probe/connect/resolve.ts'

/**
 * Lets `most` look-ups be under way at once; the others wait for their turn. The system's look-ups share a few threads
 * with the whole process, and names that do not resolve must not hold up those of scheduled probes.
 */
export function boundedResolve(resolve: Resolve, most: number): Resolve {
  const waiting: (() => void)[] = []
  let underWay = 0
  return async (host) => {
    if (underWay >= most) await new Promise<void>((turn) => waiting.push(turn))
    else underWay++
    try {
      return await resolve(host)
    } finally {
      // The place is passed on, or given back.
      const next = waiting.shift()
      if (next === undefined) underWay--
      else next()
    }
  }
}
