/** The workers of a node: which one replaced which, and the requests of each. */
import type { ServerLogs } from '../kind.ts'
import type { LoggedRequest, LoggedWorker } from './application_log.ts'

export interface Worker {
  readonly node: string
  readonly token: string
  readonly bornMs: number
  /** When it could answer; infinite when it never could. */
  readonly readyMs: number
  /** Infinite while it runs. */
  readonly endMs: number
  /** In the order in which the application received them. */
  readonly requests: readonly ArrivedRequest[]
  /** The worker that it replaced; absent for original and for added workers. */
  readonly before?: Worker
  /** Its place among the node's workers, from 0. */
  readonly place: number
  /** It started before farmprobe did. */
  readonly original: boolean
}

export interface ArrivedRequest extends LoggedRequest {
  /** When it reached the node by the access log or its sender; when the application received it, otherwise. */
  readonly arrivedMs: number
}

/** When a request was sent, where known; `direct`: to the node itself, not through the balancer. */
export type Arrivals = (id: string) => { readonly atMs: number; readonly direct: boolean } | undefined

export interface NodeRecords extends ServerLogs {
  readonly node: string
  readonly logged: readonly LoggedWorker[]
  /** The server adds workers under load and removes idle ones. */
  readonly grows: boolean
}

/** Some servers start the new worker up to this long before the old one ends. */
const overlapMs = 5000

/** `sinceMs`: when farmprobe started. */
export function workersOf(records: NodeRecords, arrivals: Arrivals, sinceMs: number): Worker[] {
  const { node, logged, grows, ends = [], requests: access = [] } = records
  const lines = new Map(access.map((line) => [line.id, line]))
  /** A balancer may have retried a request after the previous worker ended: it waited for this worker since then. */
  const arrived = (request: LoggedRequest, lastMs: number): ArrivedRequest => {
    const { id, cameMs } = request
    const line = lines.get(id)
    const sent = arrivals(id)
    const sentMs = sent === undefined ? cameMs : sent.direct ? sent.atMs : Math.max(sent.atMs, lastMs)
    const arrivedMs = Math.min(line?.atMs ?? sentMs, cameMs)
    // The server's own end includes what it does after the application; a client that gave up ends it early.
    const endMs = line?.status === 200 ? line.atMs + line.tookMs : request.endMs
    return { ...request, arrivedMs, endMs: Math.max(endMs, cameMs) }
  }
  const endOf = ({ pid, bornMs, endMs }: LoggedWorker): number =>
    endMs ?? ends.find((end) => end.pid === pid && end.atMs >= bornMs)?.atMs ?? Number.POSITIVE_INFINITY
  const workers: Worker[] = []
  const followed = new Set<LoggedWorker>()
  for (const each of logged) {
    const original = each.bornMs < sinceMs
    const last = original ? undefined : predecessor(each)
    if (last !== undefined) followed.add(last)
    const before = workers.find(({ token }) => token === last?.token)
    workers.push({
      node,
      token: each.token,
      bornMs: each.bornMs,
      readyMs: each.readyMs ?? Number.POSITIVE_INFINITY,
      endMs: endOf(each),
      requests: each.requests.map((request) => arrived(request, last === undefined ? 0 : endOf(last))),
      ...(before === undefined ? {} : { before }),
      place: before?.place ?? new Set(workers.map(({ place }) => place)).size,
      original,
    })
  }
  return workers

  /** The worker that ended first and was not replaced yet. */
  function predecessor({ bornMs }: LoggedWorker): LoggedWorker | undefined {
    const latestMs = bornMs + (grows ? 0 : overlapMs)
    return logged
      .filter((each) => !followed.has(each) && each.bornMs < bornMs && endOf(each) <= latestMs)
      .reduce<LoggedWorker | undefined>(
        (first, each) => (first === undefined || endOf(each) < endOf(first) ? each : first),
        undefined,
      )
  }
}
