/** How far a node's clock is ahead of the balancer's: both log when each request was sent. */
import { greatest } from '../../runtime/extremes.ts'
import { eachLine, type OpenLog } from '../logs/log_lines.ts'
import { createW3cReader, type W3cEntry } from '../logs/w3c_entries.ts'
import type { BalancerLog } from './balancer_log.ts'
import { type FailureIndex, logIdOf } from './node_log.ts'

export interface ClockSkew {
  readonly node: string
  /** How far it is ahead, in milliseconds. */
  readonly skewMs: number
  /** Found by the balancer's ids of requests, or by when requests were sent. */
  readonly by: 'id' | 'time'
  /** From so many. */
  readonly requests: number
}

/** Requests of a node that are compared at most: they tell it within a second. */
const mostCompared = 20_000
/** By time alone fewer tell nothing. */
const fewest = 100
/** Clocks that are further apart are not found by time alone, in seconds. */
const furthestS = 900
/** Sent within so many seconds of each other is sent at once: a request is at a node a little later. */
const nearS = 2
/** By how many standard deviations the shift at which the requests meet stands out from all others. */
const leastSigmas = 8
/** Times in logs are whole seconds: what is nearer is the same, in milliseconds. */
const sameMs = 2000

/**
 * Reads the beginning of a node's logs, as far as it must. Undefined where the clocks are together, or nothing tells how far
 * they are apart.
 */
export async function clockOf(
  node: string,
  logs: readonly OpenLog[],
  balancer: Pick<BalancerLog, 'sent' | 'counts'>,
  index: FailureIndex,
): Promise<ClockSkew | undefined> {
  const comparison = createClockComparison(node, balancer, index)
  let isEnough = false
  for (const open of logs) {
    if (isEnough) break
    const reader = createW3cReader()
    // What cannot be read is told when it is read for good.
    await eachLine(open(), (text, from, to) => {
      const entry = reader.read(text, from, to)
      isEnough = entry !== undefined && !comparison.take(entry)
      return !isEnough
    }).catch(() => undefined)
  }
  return comparison.found()
}

function createClockComparison(
  node: string,
  { sent, counts }: Pick<BalancerLog, 'sent' | 'counts'>,
  index: FailureIndex,
) {
  const [firstMs, lastMs] = [counts.firstMs - 1000 * furthestS, counts.lastMs + 1000 * furthestS]
  const seconds: number[] = []
  const apartMs: number[] = []
  return {
    /** False: it need not see more. */
    take(entry: W3cEntry): boolean {
      const startMs = entry.atMs - entry.number('time-taken')
      const failure = index.byId(logIdOf(entry))
      if (failure !== undefined) apartMs.push(startMs - failure.startMs)
      if (startMs >= firstMs && startMs <= lastMs) seconds.push(Math.floor(startMs / 1000))
      return seconds.length < mostCompared
    },
    found(): ClockSkew | undefined {
      const skewMs = medianOf(apartMs) ?? 1000 * (shiftOf(seconds, sent) ?? 0)
      if (Math.abs(skewMs) < sameMs) return undefined
      return apartMs.length > 0
        ? { node, skewMs, by: 'id', requests: apartMs.length }
        : { node, skewMs, by: 'time', requests: seconds.length }
    },
  }
}

const medianOf = (all: readonly number[]): number | undefined =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]

/** By how many seconds what the node was sent comes after what the balancer sent, where one shift stands out. */
function shiftOf(seconds: readonly number[], sent: BalancerLog['sent']): number | undefined {
  if (seconds.length < fewest) return undefined
  const [from, to] = seconds.reduce(([a, b], at) => [Math.min(a, at), Math.max(b, at)], [Infinity, -Infinity])
  const balancer = sent.from(from - furthestS, to - from + 2 * furthestS + 1)
  const met = Array.from({ length: 2 * furthestS + 1 }, (_, back) =>
    seconds.reduce((sum, at) => sum + (balancer[at - from + back] as number), 0),
  )
  const best = met.indexOf(greatest(met))
  const others = met.filter((_, back) => Math.abs(back - best) > nearS)
  const mean = others.reduce((sum, each) => sum + each, 0) / others.length
  const sigma = Math.sqrt(others.reduce((sum, each) => sum + (each - mean) ** 2, 0) / others.length)
  const next = greatest(others)
  const standsOut = (met[best] as number) - next > (leastSigmas / 2) * Math.max(1, sigma)
  return standsOut && (met[best] as number) - mean > leastSigmas * Math.max(1, sigma)
    ? furthestS - best
    : undefined
}
