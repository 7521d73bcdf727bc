/** When a node answered nobody, from its own log: requests waited, and those that did not wait were none meanwhile. */
import { greatest, least } from '../../runtime/extremes.ts'
import type { NodeLog } from './node_log.ts'
import type { SlowRequest } from './slow_requests.ts'

/** Wall milliseconds, both included. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export interface Stall extends Span {
  readonly node: string
  /** Those that waited. */
  readonly requests: readonly SlowRequest[]
}

/** A shorter wait may be anything, in milliseconds. */
const leastMs = 2000
/** What waited for one thing ends within as much of each other, in milliseconds. */
const releaseMs = 3000
/** So many that end together waited for one thing, also where others were answered meanwhile: a node has several pools. */
const together = 3

export function stallsOf({ node, slow, quick }: NodeLog): Stall[] {
  const waits = slow()
    .filter(({ startMs, endMs }) => endMs - startMs >= leastMs)
    .toSorted((a, b) => a.endMs - b.endMs)
  const groups: SlowRequest[][] = []
  for (const wait of waits) {
    const last = groups.at(-1)
    if (last !== undefined && wait.endMs - (last.at(-1)?.endMs ?? 0) <= releaseMs) last.push(wait)
    else groups.push([wait])
  }
  return groups.flatMap((group) => {
    const alone = group.filter(({ startMs, endMs }) => quick.between(startMs + 1000, endMs - 1001) === 0)
    const starts = group.map(({ startMs }) => startMs)
    const isReleased = group.length >= together && greatest(starts) - least(starts) > releaseMs
    const requests = isReleased ? group : alone
    if (requests.length === 0) return []
    const fromMs = least(requests.map(({ startMs }) => startMs))
    return [{ node, fromMs, toMs: greatest(requests.map(({ endMs }) => endMs)), requests }]
  })
}

/** The part of a time that lies in a stall, 0 to 1. */
export function shareIn({ fromMs, toMs }: Span, from: number, to: number): number {
  const common = Math.min(toMs, to) - Math.max(fromMs, from)
  return Math.max(0, common) / Math.max(1, to - from)
}
