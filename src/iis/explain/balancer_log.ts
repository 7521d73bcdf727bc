/** What the log of the balancer says: how many requests there were, which failed, and which waited. */
import { ownText } from '../logs/log_lines.ts'
import type { W3cEntry } from '../logs/w3c_entries.ts'
import { type Failure, howFailed } from './failed_request.ts'
import { createSecondCounts } from './second_counts.ts'

/** Beyond as many, those of one minute that are alike are kept as one. */
const mostFailures = 100_000
/** What ARR adds to the query that it logs. */
const added = /&?(?:X-ARR-CACHE-HIT|X-ARR-LOG-ID|SERVER-STATUS)=([^&]*)/g
const idOf = /X-ARR-LOG-ID=([0-9a-f-]+)/i

export type BalancerLog = ReturnType<typeof createBalancerLog>

export function createBalancerLog() {
  /** When requests were sent. */
  const sent = createSecondCounts()
  const failures: Failure[] = []
  const hosts = new Map<string, number>()
  const merged = new Map<string, Failure>()
  const counts = { requests: 0, failed: 0, left: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: 0 }

  function fail(failure: Failure): void {
    counts.failed++
    if (failures.length < mostFailures) {
      failures.push(failure)
      return
    }
    const key = `${Math.floor(failure.endMs / 60_000)} ${failure.code} ${failure.stem}`
    const known = merged.get(key)
    if (known === undefined && merged.size < mostFailures) {
      merged.set(key, failure)
      failures.push(failure)
    } else if (known !== undefined) {
      known.count++
      known.startMs = Math.min(known.startMs, failure.startMs)
      known.endMs = Math.max(known.endMs, failure.endMs)
    }
  }

  return {
    sent,
    failures,
    counts,
    /** The host that most requests were for; undefined when it is not logged. */
    host: () => [...hosts].sort(([, a], [, b]) => b - a)[0]?.[0],
    take(entry: W3cEntry, file: string, line: number): void {
      const [status, takenMs, endMs] = [entry.number('sc-status'), entry.number('time-taken'), entry.atMs]
      const startMs = endMs - takenMs
      counts.requests++
      if (startMs < counts.firstMs) counts.firstMs = startMs
      if (endMs > counts.lastMs) counts.lastMs = endMs
      sent.add(startMs)
      const host = entry.text('cs-host')
      if (host !== '' && (hosts.has(host) || hosts.size < 1000))
        hosts.set(hosts.has(host) ? host : ownText(host), (hosts.get(host) ?? 0) + 1)
      const stem = entry.text('cs-uri-stem')
      const [sub, windows] = [entry.number('sc-substatus'), entry.number('sc-win32-status')]
      const code = () => (entry.has('sc-substatus') ? `${status}.${sub}.${windows}` : `${status}`)
      const slowly = () => ({ where: { file, line }, startMs, endMs, stem: ownText(stem), code: code() })
      if (status < 500) return
      const query = entry.text('cs-uri-query')
      const how = howFailed(status, sub, windows, /(?:^|&)SERVER-STATUS=50[0-4]/.test(query))
      if (how === 'client_left') counts.left++
      if (how === undefined || how === 'client_left') return
      fail({
        ...slowly(),
        count: 1,
        takenMs,
        how,
        query: ownText(query.replaceAll(added, '').replace(/^&/, '')),
        logId: ownText(idOf.exec(query)?.[1] ?? ''),
        seen: [],
      })
    },
  }
}
