/** What the log of one node says: when it answered, which requests waited, and which of them failed at the balancer. */
import { ownText } from '../logs/log_lines.ts'
import type { W3cEntry } from '../logs/w3c_entries.ts'
import { type Failure, howFailed, type Seen } from './failed_request.ts'
import { createSecondCounts } from './second_counts.ts'
import { createSlowRequests } from './slow_requests.ts'

/** Clocks of machines, and times without fractions, are apart by as much, in milliseconds. */
const apartMs = 2000

/** Finds the failures at the balancer that something on a node belongs to. */
export interface FailureIndex {
  byId(logId: string): Failure | undefined
  /** For the same address, sent within `apartMs` of `startMs`. */
  sentAt(startMs: number, stem: string, query: string): readonly Failure[]
  /** For the same address, ended within `apartMs` of `endMs`. */
  endedAt(endMs: number, stem: string, query: string): readonly Failure[]
}

/** No balancer waits longer for an answer, in milliseconds. */
const longestMs = 10 * 60_000

export function indexFailures(failures: readonly Failure[]): FailureIndex {
  const ids = new Map(failures.flatMap((each) => (each.logId === '' ? [] : [[each.logId, each]])))
  const stems = Map.groupBy(
    failures.toSorted((a, b) => a.startMs - b.startMs),
    ({ stem }) => stem,
  )
  const sentBetween = (fromMs: number, toMs: number, stem: string, query: string): Failure[] => {
    const all = stems.get(stem)
    if (all === undefined) return []
    let [low, high] = [0, all.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((all[middle] as Failure).startMs < fromMs) low = middle + 1
      else high = middle
    }
    const found: Failure[] = []
    for (let at = low; at < all.length && (all[at] as Failure).startMs <= toMs; at++)
      if (all[at]?.query === query) found.push(all[at] as Failure)
    return found
  }
  return {
    byId: (logId) => ids.get(logId),
    sentAt: (startMs, ...address) => sentBetween(startMs - apartMs, startMs + apartMs, ...address),
    endedAt: (endMs, ...address) =>
      sentBetween(endMs - longestMs, endMs + apartMs, ...address).filter(
        (each) => Math.abs(each.endMs - endMs) <= apartMs,
      ),
  }
}

export type NodeLog = ReturnType<typeof createNodeLog>

/** Fields by which nodes may log the balancer's id of a request. */
const idFields = ['x-arr-log-id', 'cs(x-arr-log-id)'] as const

/** The balancer's id of a request; empty where it is not logged. */
export const logIdOf = (entry: W3cEntry): string =>
  idFields.reduce((found, field) => found || entry.text(field), '')

/** `skewMs`: how far the node's clock is ahead of the balancer's. */
export function createNodeLog(node: string, index: FailureIndex, skewMs = 0) {
  /** When it ended requests that had not waited, and when it was sent any. */
  const [quick, sent] = [createSecondCounts(), createSecondCounts()]
  const slow = createSlowRequests()
  /** Requests that failed at the node. */
  const failures: Failure[] = []
  let requests = 0
  return {
    node,
    quick,
    sent,
    slow: slow.found,
    failures,
    requests: () => requests,
    take(entry: W3cEntry, file: string, line: number): void {
      const [status, takenMs] = [entry.number('sc-status'), entry.number('time-taken')]
      const endMs = entry.atMs - skewMs
      const [stem, startMs] = [entry.text('cs-uri-stem'), endMs - takenMs]
      const [sub, windows] = [entry.number('sc-substatus'), entry.number('sc-win32-status')]
      requests++
      sent.add(startMs)
      const code = () => `${status}.${sub}.${windows}`
      const where = { file, line }
      const slowly = () => ({ where, startMs, endMs, stem: ownText(stem), code: code() })
      const how = status < 500 ? undefined : howFailed(status, sub, windows, true)
      if (!slow.take(stem, takenMs, slowly) && how === undefined) quick.add(endMs)
      const logId = logIdOf(entry)
      const exact = logId === '' ? undefined : index.byId(logId)
      const query = entry.text('cs-uri-query')
      const found = logId === '' ? index.sentAt(startMs, stem, query) : exact === undefined ? [] : [exact]
      const seen = (): Seen => ({ node, where, by: exact ? 'id' : 'request', startMs, endMs, code: code() })
      for (const failure of found) if (failure.seen.length < 8) failure.seen.push(seen())
      if (how !== undefined && failures.length < 100_000)
        failures.push({
          ...slowly(),
          farm: '',
          count: 1,
          takenMs,
          how,
          query: ownText(query),
          logId: '',
          seen: [seen()],
        })
    },
  }
}
