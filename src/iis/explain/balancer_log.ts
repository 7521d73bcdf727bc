/** What the log of the balancer says of each farm behind it: how many requests there were, which failed, and which waited. */
import { isIP } from 'node:net'
import { ownText } from '../logs/log_lines.ts'
import type { W3cEntry } from '../logs/w3c_entries.ts'
import { type Failure, howFailed } from './failed_request.ts'
import { createSecondCounts, type SecondCounts } from './second_counts.ts'

/** Beyond as many, those of one minute that are alike are kept as one. */
const mostFailures = 100_000
/** What ARR adds to the query that it logs. */
const added = /&?(?:X-ARR-CACHE-HIT|X-ARR-LOG-ID|SERVER-STATUS)=([^&]*)/g
const idOf = /X-ARR-LOG-ID=([0-9a-f-]+)/i
/** What was answered within as many milliseconds reached its node as soon. */
const atOnceMs = 1000
/** They compare clocks, one of each second. */
const mostAtOnce = 20_000

export type BalancerLog = ReturnType<typeof createBalancerLog>

/** A farm behind the balancer, as far as its log tells. */
export interface LoggedFarm {
  readonly farm: string
  readonly requests: number
  readonly failures: readonly Failure[]
  readonly sent: Pick<SecondCounts, 'between'>
}

const most = { hosts: 1000, farms: 100 } as const
/** Hosts with a smaller part of the requests are no farm: a scanner tries many. */
const leastShare = 0.01

/** The farm of a host, where nobody says it. An address is what monitors ask, not users. */
export const farmOfHost = (host: string): string => {
  const name = host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^www\./, '')
  return isIP(name) === 0 ? name : ''
}

/** `farmOf`: the farm that a host belongs to; empty where it is not known. */
export function createBalancerLog(farmOf: (host: string) => string = farmOfHost) {
  /** When requests were sent. */
  const sent = createSecondCounts()
  const failures: Failure[] = []
  /** The farms of hosts, and the counts of farms. */
  const hosts = new Map<string, string>()
  const farms = new Map<string, { requests: number; readonly sent: SecondCounts }>()
  const merged = new Map<string, Failure>()
  /** When requests that were answered at once were sent, by their ids. */
  const atOnce = new Map<string, number>()
  let atOnceEndMs = 0
  const counts = { requests: 0, failed: 0, left: 0, firstMs: Number.POSITIVE_INFINITY, lastMs: 0 }

  function farmAt(host: string): string {
    const known = hosts.get(host)
    if (known !== undefined) return known
    const farm = hosts.size < most.hosts ? farmOf(host) : ''
    if (hosts.size < most.hosts) hosts.set(ownText(host), farm)
    return farm
  }

  function countsOf(farm: string) {
    const own = farms.get(farm) ?? { requests: 0, sent: createSecondCounts() }
    farms.set(farm, own)
    return own
  }

  function fail(failure: Failure): void {
    counts.failed++
    if (failures.length < mostFailures) {
      failures.push(failure)
      return
    }
    const key = `${Math.floor(failure.endMs / 60_000)} ${failure.code} ${failure.farm} ${failure.stem}`
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
    atOnce: atOnce as ReadonlyMap<string, number>,
    counts,
    /** The farms, the one with the most requests first; what is of none is counted with that. */
    farms(): LoggedFarm[] {
      const all = [...farms].sort(([, a], [, b]) => b.requests - a.requests)
      const own = all.filter(
        ([farm, { requests }]) => farm !== '' && requests >= leastShare * counts.requests,
      )
      const names = own.length === 0 ? [''] : own.map(([farm]) => farm)
      return names.map((farm, at) => {
        const parts = all.filter(([each]) => each === farm || (at === 0 && !names.includes(each)))
        const members = new Set(parts.map(([each]) => each))
        return {
          farm,
          requests: parts.reduce((sum, [, { requests }]) => sum + requests, 0),
          failures: failures.filter((failure) => members.has(failure.farm)),
          sent: {
            between: (fromMs, toMs) =>
              parts.reduce((sum, [, { sent: part }]) => sum + part.between(fromMs, toMs), 0),
          },
        }
      })
    },
    take(entry: W3cEntry, file: string, line: number): void {
      const [status, takenMs, endMs] = [entry.number('sc-status'), entry.number('time-taken'), entry.atMs]
      const startMs = endMs - takenMs
      counts.requests++
      if (startMs < counts.firstMs) counts.firstMs = startMs
      if (endMs > counts.lastMs) counts.lastMs = endMs
      sent.add(startMs)
      const named = farmAt(entry.text('cs-host'))
      const farm = farms.has(named) || farms.size < most.farms ? named : ''
      const own = countsOf(farm)
      own.requests++
      own.sent.add(startMs)
      const stem = entry.text('cs-uri-stem')
      const [sub, windows] = [entry.number('sc-substatus'), entry.number('sc-win32-status')]
      const code = () => (entry.has('sc-substatus') ? `${status}.${sub}.${windows}` : `${status}`)
      const slowly = () => ({ where: { file, line }, startMs, endMs, stem: ownText(stem), code: code() })
      if (status < 500) {
        if (takenMs >= atOnceMs || endMs === atOnceEndMs || atOnce.size === mostAtOnce) return
        const [, id] = idOf.exec(entry.text('cs-uri-query')) ?? []
        if (id !== undefined) atOnce.set(ownText(id), startMs)
        atOnceEndMs = endMs
        return
      }
      const query = entry.text('cs-uri-query')
      const how = howFailed(status, sub, windows, /(?:^|&)SERVER-STATUS=50[0-4]/.test(query))
      if (how === 'client_left') counts.left++
      if (how === undefined || how === 'client_left') return
      fail({
        ...slowly(),
        farm,
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
