/** How far a node's clock is ahead of the balancer's: both log when each request was sent. */
import { greatest, least } from '../../runtime/extremes.ts'
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

/** As many seconds with requests of the node tell it, or, where there are very many a second, as many requests. */
const enough = { seconds: 3600, requests: 500_000 } as const
/** Requests further from the first are left out: each second between takes memory, and a log may have times of any year. */
const longestS = 30 * 24 * 3600
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
  balancer: Pick<BalancerLog, 'sent' | 'counts' | 'atOnce'>,
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
  { sent, counts, atOnce: sentMsOf }: Pick<BalancerLog, 'sent' | 'counts' | 'atOnce'>,
  index: FailureIndex,
) {
  const [firstMs, lastMs] = [counts.firstMs - 1000 * furthestS, counts.lastMs + 1000 * furthestS]
  /** How many the node was sent, by second. */
  const seconds = new Map<number, number>()
  let requests = 0
  /** Of requests that were answered at once, and of those that failed: they may have reached the node late. */
  const apartMs = { atOnce: [] as number[], failed: [] as number[] }
  return {
    /** False: it need not see more. */
    take(entry: W3cEntry): boolean {
      const startMs = entry.atMs - entry.number('time-taken')
      const id = logIdOf(entry)
      const [sentMs, failedMs] = [sentMsOf.get(id), index.byId(id)?.startMs]
      if (sentMs !== undefined) apartMs.atOnce.push(startMs - sentMs)
      if (failedMs !== undefined) apartMs.failed.push(startMs - failedMs)
      const second = Math.floor(startMs / 1000)
      const [first = second] = seconds.keys()
      if (startMs >= firstMs && startMs <= lastMs && Math.abs(second - first) <= longestS) {
        seconds.set(second, (seconds.get(second) ?? 0) + 1)
        requests++
      }
      return seconds.size < enough.seconds && requests < enough.requests
    },
    found(): ClockSkew | undefined {
      const { atOnce, failed } = apartMs
      const ids = atOnce.length > 0 ? atOnce : failed
      const byTime = () => (requests < fewest ? 0 : 1000 * shiftOf(seconds, sent))
      const skewMs = medianOf(atOnce) ?? (failed.length > 0 ? least(failed) : byTime())
      if (Math.abs(skewMs) < sameMs) return undefined
      return ids.length > 0
        ? { node, skewMs, by: 'id', requests: ids.length }
        : { node, skewMs, by: 'time', requests }
    },
  }
}

const medianOf = (all: readonly number[]): number | undefined =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]

/** By how many seconds what the node was sent comes after what the balancer sent; 0 where no shift stands out. */
function shiftOf(seconds: ReadonlyMap<number, number>, sent: BalancerLog['sent']): number {
  const [from, to] = [least([...seconds.keys()]), greatest([...seconds.keys()])]
  const balancer = sent.from(from - furthestS, to - from + 2 * furthestS + 1)
  const met = new Float64Array(2 * furthestS + 1)
  for (const [second, count] of seconds)
    for (let back = 0; back < met.length; back++)
      met[back] = (met[back] as number) + count * (balancer[second - from + back] as number)
  const top = greatest([...met])
  const best = met.indexOf(top)
  const others = [...met].filter((_, back) => Math.abs(back - best) > nearS)
  const mean = others.reduce((sum, each) => sum + each, 0) / others.length
  const variance = others.reduce((sum, each) => sum + (each - mean) ** 2, 0) / others.length
  const sigma = Math.max(1, Math.sqrt(variance))
  const standsOut = top - mean > leastSigmas * sigma && top - greatest(others) > (leastSigmas / 2) * sigma
  return standsOut ? furthestS - best : 0
}
