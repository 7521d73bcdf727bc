/** What each recycle cost the users of a node: how many of their requests waited for the new worker, and how long. */
import { greatest } from '../../runtime/extremes.ts'
import type { WorkerEvent } from '../logs/worker_events.ts'
import type { Where } from './failed_request.ts'
import type { Evidence } from './log_evidence.ts'
import type { Stall } from './node_stalls.ts'

export interface RecycleCost {
  readonly node: string
  readonly pool: string
  /** When the event was logged, or else when the first request waited; wall milliseconds. */
  readonly atMs: number
  /** As the event says it; otherwise how it was seen. */
  readonly what: string
  /** The event; of those that only the stall shows, the first request that waited. */
  readonly where: Where
  readonly requests: number
  readonly totalMs: number
  readonly worstMs: number
}

/** A stall this long before or after an event of its node is the start that it led to, in milliseconds. */
const aroundMs = { before: 60_000, after: 10 * 60_000 } as const
/** Without an event a shorter stall may be anything, in milliseconds. */
const leastUnprovenMs = 5000

/** Every recycle that Windows noted, and stalls as long as starts take where it noted none; the oldest first. */
export function recycleCosts({
  workerEvents,
  stalls,
}: Pick<Evidence, 'workerEvents' | 'stalls'>): RecycleCost[] {
  const free = new Set(stalls)
  const noted = workerEvents
    .filter(({ reason }) => reason !== undefined)
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((event, at, all) => {
      const next = all.find((each, later) => later > at && each.computer === event.computer)
      const own = [...free].filter((stall) => belongs(stall, event, next?.atMs ?? Number.POSITIVE_INFINITY))
      const [first] = own.toSorted((a, b) => a.fromMs - b.fromMs)
      if (first !== undefined) free.delete(first)
      return costOf(event, first)
    })
  const seen = [...free].flatMap((stall) => (isLikeStart(stall) ? [costOf(undefined, stall)] : []))
  return [...noted, ...seen].sort((a, b) => a.atMs - b.atMs)
}

/** One address alone may just be slow. */
const isLikeStart = ({ fromMs, toMs, requests }: Stall) =>
  toMs - fromMs >= leastUnprovenMs && new Set(requests.map(({ stem }) => stem)).size > 1

const belongs = ({ node, fromMs, toMs }: Stall, { computer, atMs }: WorkerEvent, nextMs: number) =>
  node === computer &&
  toMs > atMs &&
  fromMs > atMs - aroundMs.before &&
  fromMs < Math.min(atMs + aroundMs.after, nextMs)

function costOf(event: WorkerEvent | undefined, stall: Stall | undefined): RecycleCost {
  const waits = stall?.requests.map(({ startMs, endMs }) => endMs - startMs) ?? []
  const first = stall?.requests[0]
  return {
    node: event?.computer ?? stall?.node ?? '',
    pool: event?.pool ?? '',
    atMs: event?.atMs ?? stall?.fromMs ?? 0,
    what: event?.what ?? 'answered nobody, as while a worker starts; no event says so',
    where: event ?? first?.where ?? { file: '', line: 0 },
    requests: waits.length,
    totalMs: waits.reduce((sum, each) => sum + each, 0),
    worstMs: greatest([0, ...waits]),
  }
}
