/** Which worker took whose place, and which requests each answered: from what applications and servers wrote down. */
import type { ServerLogs } from '../kind.ts'
import type { LoggedRequest, LoggedWorker } from './application_log.ts'

export interface Worker {
  readonly node: string
  readonly token: string
  readonly bornMs: number
  /** When it could answer; infinite where it never could. */
  readonly readyMs: number
  /** Infinite while it lives. */
  readonly endMs: number
  /** In the order in which they came. */
  readonly requests: readonly ArrivedRequest[]
  /** Whose place it took; absent for those of the first hour, and where there was one more than before. */
  readonly before?: Worker
  /** Which of its node's workers it is, from 0. */
  readonly place: number
  /** It was there before anybody looked. */
  readonly original: boolean
}

export interface ArrivedRequest extends LoggedRequest {
  /** When it reached the node, as whoever sent it has it; when it came to the application, where nobody does. */
  readonly arrivedMs: number
}

/** When a request was sent, as far as is known, and whether to the node itself. */
export type Arrivals = (id: string) => { readonly atMs: number; readonly direct: boolean } | undefined

export interface NodeRecords extends ServerLogs {
  readonly node: string
  readonly logged: readonly LoggedWorker[]
  /** The server starts workers when many come at once, and ends them when few do. */
  readonly grows: boolean
}

/** Some servers start a new worker so long before the old one has ended. */
const overlapMs = 5000

/** `sinceMs`: when farmprobe began to look. */
export function workersOf(records: NodeRecords, arrivals: Arrivals, sinceMs: number): Worker[] {
  const { node, logged, grows, ends = [], requests: access = [] } = records
  const reached = new Map(access.map(({ id, atMs }) => [id, atMs]))
  /** What came through a balancer may have been sent again: by then the worker before it had ended. */
  const arrived = (request: LoggedRequest, lastMs: number): ArrivedRequest => {
    const { id, cameMs } = request
    const sent = arrivals(id)
    const sentMs = sent === undefined ? cameMs : sent.direct ? sent.atMs : Math.max(sent.atMs, lastMs)
    return { ...request, arrivedMs: Math.min(reached.get(id) ?? sentMs, cameMs) }
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

  /** Of those whose place nobody took yet, the one that ended first. */
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
