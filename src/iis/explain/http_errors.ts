/** HTTP.sys's own log: requests that never reached a worker, or lost it. */
import { ownText } from '../logs/log_lines.ts'
import type { W3cEntry } from '../logs/w3c_entries.ts'
import type { Where } from './failed_request.ts'
import type { HttpError } from './log_evidence.ts'
import type { Machines } from './machines.ts'
import type { FailureIndex } from './node_log.ts'

/** Those that say that a worker or a pool failed; idle connections that are closed, for one, do not. */
const telling: ReadonlySet<string> = new Set([
  'Connection_Abandoned_By_ReqQueue',
  'Connection_Abandoned_By_AppPool',
  'Connection_Dropped',
  'Connection_Dropped_List_Full',
  'AppOffline',
  'Disabled',
  'AppShutdown',
  'QueueFull',
  'Timer_AppPool',
])

/** Undefined where it says nothing of a worker. Failures at the balancer that it is about are marked with it. */
export function takeHttpError(
  entry: W3cEntry,
  where: Where,
  index: FailureIndex,
  machines: Machines,
  skewOf: (node: string) => number,
): HttpError | undefined {
  const reason = entry.text('s-reason')
  if (!telling.has(reason)) return undefined
  const node = machines.nameOf(machines.ofServer(entry.text('s-ip')))
  const atMs = entry.atMs - skewOf(node)
  const error = {
    node,
    atMs,
    reason: ownText(reason),
    pool: ownText(entry.text('s-queuename')),
    where,
  }
  const [stem = '', query = ''] = entry.text('cs-uri').split(/\?(.*)/, 2)
  for (const failure of index.endedAt(atMs, stem, query))
    if (failure.seen.length < 8)
      failure.seen.push({
        node,
        where,
        by: 'http_error',
        startMs: atMs,
        endMs: atMs,
        code: reason,
      })
  return error
}
