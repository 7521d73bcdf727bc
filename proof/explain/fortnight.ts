/**
 * The logs of a farm behind ARR over some days, as ARR, IIS, HTTP.sys and Windows write them, and what really happened.
 * Nothing of it is shared with the reader: the forms are those of the vendors' pages.
 */
import type { Random } from '../../src/runtime/random.ts'

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]
const beginMs = Date.UTC(2026, 2, 1)
const balancerWaitsMs = 30 * second
/** ARR takes a server that it cannot reach out of the rotation at its next health test. */
const rotationMs = 45 * second

const kinds = [
  'cold',
  'slow_page',
  'refused',
  'died',
  'cut_off',
  'tls',
  'none_healthy',
  'stale',
  'pool_stopped',
  'shut_down',
] as const

export type Kind = (typeof kinds)[number]

/** What really happened, as far as requests failed for it. */
export interface Trouble {
  readonly kind: Kind
  /** A node, `several`, `balancer`, or `unknown` where no log can know it. */
  readonly node: string
  readonly fromMs: number
  readonly toMs: number
  readonly failed: number
}

/** A fault of one node, or of the balancer; `hits` are the requests that failed for it. */
interface Fault {
  readonly kind: Kind
  readonly node: string
  readonly fromMs: number
  readonly toMs: number
  /** When the first request met a worker that has to start. */
  coldMs?: number
  readonly hits: { readonly node: string; readonly startMs: number; readonly endMs: number }[]
}

export interface FortnightOptions {
  readonly days: number
  /** Requests a second at the busiest hour. */
  readonly busiest: number
  readonly faultsADay: number
  readonly random: Random
  /** The nodes log the header X-ARR-LOG-ID. */
  readonly nodesLogId: boolean
  /** How far the clocks of nodes are ahead of the balancer's, in milliseconds. */
  readonly aheadMs?: Readonly<Record<string, number>>
}

export interface Fortnight {
  /** The text of each log, by its path. */
  readonly files: ReadonlyMap<string, string>
  readonly troubles: readonly Trouble[]
  readonly requests: number
  readonly left: number
  /** Events of workers that went. */
  readonly recycles: number
}

const nodes = ['web01', 'web02', 'web03', 'web04'] as const
const addressOf = (node: string) => `10.0.0.1${node.slice(-1)}`

const request = 'cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer)'
const answer = 'sc-status sc-substatus sc-win32-status'
const httpErrorFields =
  'date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename'

const fieldsOf = (log: string, withId: boolean): string => {
  if (log.endsWith('httperr')) return httpErrorFields
  const id = withId && log !== 'arr' ? ' X-ARR-LOG-ID' : ''
  return log === 'web02'
    ? `date time s-sitename s-computername s-ip ${request} ${answer} sc-bytes cs-bytes time-taken${id}`
    : `date time s-ip ${request} ${answer} time-taken${id}`
}

type Values = Readonly<Record<string, string | number>>

const pathOf = (log: string, date: string) =>
  log.endsWith('httperr')
    ? `${log.split(' ')[0]}/HTTPERR/httperr1.log`
    : `${log}/W3SVC1/u_ex${date.slice(2).replaceAll('-', '')}.log`

export function fortnight({
  days,
  busiest,
  faultsADay,
  random,
  nodesLogId,
  aheadMs = {},
}: FortnightOptions): Fortnight {
  const between = (from: number, to: number) => from + (to - from) * random()
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const hex = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  const endMs = beginMs + days * day
  const pages = Array.from({ length: 30 }, (_, at) => ({
    stem: at === 0 ? '/' : at < 3 ? `/reports/year${at}` : `/app/page${at}.aspx`,
    usualMs: at > 0 && at < 3 ? between(2500, 5000) : 20 * 30 ** random(),
  }))
  /** Of each log the names of its fields, and its rows without date and time. */
  const logs = new Map<string, { names: readonly string[]; rows: { atMs: number; text: string }[] }>()
  const events: { atMs: number; node: string; id: number }[] = []
  const faults = planned()
  let [requests, left, next] = [0, 0, 0]

  function write(log: string, atMs: number, values: Values): void {
    const { names, rows } = logs.get(log) ?? {
      names: fieldsOf(log, nodesLogId).split(' ').slice(2),
      rows: [],
    }
    if (rows.length === 0) logs.set(log, { names, rows })
    rows.push({ atMs, text: names.map((field) => values[field] ?? '-').join(' ') })
  }

  function planned(): Fault[] {
    const all: Fault[] = []
    for (let atMs = beginMs + hour; atMs < endMs - hour; atMs += between(0.4, 1.6) * (day / faultsADay)) {
      const kind = pick(kinds)
      const lengthMs = {
        cold: between(15, 75) * second,
        slow_page: between(3, 8) * minute,
        refused: between(0.5, 10) * minute,
        died: between(5, 25) * second,
        cut_off: between(0.5, 3) * minute,
        tls: between(1, 30) * minute,
        none_healthy: between(10, 90) * second,
        stale: second,
        pool_stopped: between(20, 120) * second,
        shut_down: between(2, 12) * second,
      }[kind]
      all.push({ kind, node: pick(nodes), fromMs: atMs, toMs: atMs + lengthMs, hits: [] })
    }
    return all
  }

  /** One request of a user: what the balancer and the node log of it. */
  function ask(startMs: number): void {
    requests++
    const { stem, usualMs } = pick(pages)
    while (next < faults.length - 1 && startMs >= (faults[next] as Fault).toMs + 3 * minute) next++
    const near = faults[next]
    const fault = near !== undefined && startMs >= near.fromMs - 40 * second ? near : undefined
    const out = fault && isOut(fault, startMs) ? fault.node : undefined
    const node = pick(nodes.filter((each) => each !== out))
    const query = random() < 0.5 ? `id=${Math.floor(random() * 10_000)}` : ''
    const logId = `${hex()}-${hex().slice(4)}-${hex().slice(4)}-${hex().slice(4)}-${hex()}${hex().slice(4)}`
    const usual = usualMs * Math.exp(0.4 * (random() + random() + random() - 1.5))
    const asked = {
      'cs-method': 'GET',
      'cs-uri-stem': stem,
      's-port': 443,
      'cs(User-Agent)': 'Mozilla/5.0+(Windows+NT+10.0)',
    }
    const client = `198.51.100.${Math.floor(random() * 250)}`
    const said = (code: string, nodesStatus?: number) => {
      const [status = 0, sub = 0, windows = 0] = code.split('.').map(Number)
      const added = `X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=${logId}${nodesStatus ? `&SERVER-STATUS=${nodesStatus}` : ''}`
      return {
        'sc-status': status,
        'sc-substatus': sub,
        'sc-win32-status': windows,
        'cs-uri-query': query ? `${query}&${added}` : added,
      }
    }
    const balancer = (code: string, takenMs: number, nodesStatus?: number) =>
      write('arr', startMs + takenMs, {
        ...asked,
        ...said(code, nodesStatus),
        'c-ip': client,
        's-ip': '10.0.0.5',
        'time-taken': Math.round(takenMs),
      })
    const onNode = (code: string, takenMs: number) => {
      const [status = 0, sub = 0, windows = 0] = code.split('.').map(Number)
      write(node, startMs + 1 + takenMs, {
        ...asked,
        'cs-uri-query': query || '-',
        'c-ip': '10.0.0.5',
        's-ip': addressOf(node),
        's-computername': node.toUpperCase(),
        's-sitename': 'W3SVC1',
        'sc-status': status,
        'sc-substatus': sub,
        'sc-win32-status': windows,
        'sc-bytes': 1234,
        'cs-bytes': 456,
        'time-taken': Math.round(takenMs),
        'X-ARR-LOG-ID': logId,
      })
    }
    const kernel = (reason: string, takenMs: number, status: number | string) =>
      write(`${node} httperr`, startMs + takenMs, {
        'c-ip': '10.0.0.5',
        'c-port': 50_000,
        's-ip': addressOf(node),
        's-port': 443,
        'cs-version': 'HTTP/1.1',
        'cs-method': 'GET',
        'cs-uri': query ? `${stem}?${query}` : stem,
        'sc-status': status,
        's-siteid': 1,
        's-reason': reason,
        's-queuename': 'intranet',
      })
    const failed = (takenMs: number) => fault?.hits.push({ node, startMs, endMs: startMs + takenMs })
    /** Waits for the node; beyond its time-out the balancer gives up. */
    const waited = (takenMs: number) => {
      if (takenMs <= balancerWaitsMs) {
        onNode('200.0.0', takenMs)
        return balancer('200.0.0', takenMs + 2, 200)
      }
      onNode('200.0.64', takenMs)
      failed(balancerWaitsMs)
      return balancer('502.3.12002', balancerWaitsMs + between(1, 60))
    }
    const within = fault !== undefined && startMs >= fault.fromMs && startMs < fault.toMs
    const hit = within && (fault.node === node || fault.kind === 'none_healthy' || fault.kind === 'slow_page')
    if (
      fault?.kind === 'died' &&
      fault.node === node &&
      startMs >= fault.fromMs - 8 * second &&
      startMs < fault.fromMs
    ) {
      kernel('Connection_Abandoned_By_ReqQueue', fault.fromMs - startMs, '-')
      failed(fault.fromMs - startMs)
      return balancer('502.3.12030', fault.fromMs - startMs + between(0, 20))
    }
    if (!hit && random() < 0.0005) {
      left++
      return balancer('502.3.64', usual / 2)
    }
    if (!hit) {
      const code = random() < 0.002 ? '500.0.0' : random() < 0.02 ? '404.0.2' : '200.0.0'
      onNode(code, usual)
      return balancer(code, usual + 2, Number(code.slice(0, 3)))
    }
    switch (fault.kind) {
      case 'cold':
      case 'died': {
        // The first request starts the worker; all wait until it has started.
        fault.coldMs ??= startMs
        return waited(
          Math.max(0, fault.coldMs + (fault.toMs - fault.fromMs) - startMs) + between(1, 1.5) * usual,
        )
      }
      case 'slow_page':
        return waited(stem === '/reports/year1' ? between(31, 70) * second : usual)
      case 'refused': {
        const takenMs = between(1000, 2100)
        failed(takenMs)
        return balancer('502.3.12029', takenMs)
      }
      case 'cut_off':
        onNode('200.0.0', usual)
        failed(usual)
        return balancer('502.3.12152', usual + 2)
      case 'tls':
        failed(20)
        return balancer('502.3.12175', between(4, 40))
      case 'none_healthy':
        failed(1)
        return balancer('502.4.0', between(0, 3))
      case 'stale': {
        if (fault.hits.length > 0) return waited(usual)
        failed(2)
        return balancer('502.3.12030', between(0, 9))
      }
      case 'pool_stopped':
        kernel('AppOffline', 1, 503)
        failed(2)
        return balancer('503.0.0', 2, 503)
      case 'shut_down':
        onNode('503.0.0', 1)
        failed(2)
        return balancer('503.0.0', 3, 503)
    }
  }

  /** Three times as many at two in the afternoon as at two at night. */
  for (let atMs = beginMs; atMs < endMs; ) {
    const rate = busiest * (0.6 + 0.4 * Math.sin(((atMs / hour - 8) / 24) * 2 * Math.PI))
    atMs += (-Math.log(1 - random()) / rate) * second
    ask(atMs)
  }
  for (let atMs = beginMs; atMs < endMs; atMs += 30 * second)
    for (const [at, node] of nodes.entries()) {
      const testMs = atMs + at * 7 * second
      const down = faults.find((each) => testMs >= each.fromMs && testMs < each.toMs)
      if (down?.node === node && ['refused', 'tls', 'pool_stopped', 'cold', 'died'].includes(down.kind))
        continue
      const status = down?.kind === 'none_healthy' ? 500 : 200
      write(node, testMs, {
        'cs-method': 'GET',
        'cs-uri-stem': '/health.aspx',
        'cs-uri-query': '-',
        's-port': 443,
        'c-ip': '10.0.0.5',
        's-ip': addressOf(node),
        's-computername': node.toUpperCase(),
        's-sitename': 'W3SVC1',
        'sc-status': status,
        'sc-substatus': 0,
        'sc-win32-status': 0,
        'sc-bytes': 300,
        'cs-bytes': 100,
        'time-taken': 4,
      })
    }
  for (const fault of faults) {
    // A connection that is used again is used by some request; at night it may be the only one for a while.
    if (fault.kind === 'cold')
      events.push({
        atMs: (fault.coldMs ?? fault.fromMs) - between(0, 2) * second,
        node: fault.node,
        id: pick([5074, 5076, 5186, 5079]),
      })
    if (fault.kind === 'died') events.push({ atMs: fault.fromMs, node: fault.node, id: pick([5009, 5011]) })
    if (fault.kind === 'shut_down') events.push({ atMs: fault.fromMs, node: fault.node, id: 1033 })
    if (fault.kind === 'pool_stopped') events.push({ atMs: fault.fromMs, node: fault.node, id: 5002 })
  }
  return {
    files: texts(),
    troubles: faults.flatMap(troublesOf),
    requests,
    left,
    recycles: events.filter(({ id }) => id !== 5002).length,
  }

  function texts(): Map<string, string> {
    const files = new Map<string, string[]>()
    for (const [log, { names, rows: all }] of logs) {
      const skewMs = aheadMs[log.split(' ')[0] as string] ?? 0
      for (const { atMs, text } of all.sort((a, b) => a.atMs - b.atMs)) {
        const [date = '', clock = ''] = new Date(atMs + skewMs).toISOString().slice(0, 19).split('T')
        const path = pathOf(log, date)
        const rows = files.get(path) ?? []
        if (rows.length === 0) files.set(path, rows)
        if (rows.length === 0 || random() < 0.0003)
          rows.push(
            '#Software: Microsoft Internet Information Services 10.0',
            '#Version: 1.0',
            `#Date: ${date} ${clock}`,
            `#Fields: date time ${names.join(' ')}`,
          )
        rows.push(`${date} ${clock} ${text}`)
      }
    }
    for (const [node, own] of Map.groupBy(events, (event) => event.node))
      files.set(
        `${node}/system.xml`,
        own.map(({ atMs, ...event }) => eventXml({ ...event, atMs: atMs + (aheadMs[node] ?? 0) })),
      )
    return new Map([...files].map(([path, rows]) => [path, `${rows.join('\r\n')}\r\n`]))
  }
}

function isOut({ kind, fromMs, toMs }: Fault, atMs: number): boolean {
  return (kind === 'refused' || kind === 'tls') && atMs > fromMs + rotationMs && atMs < toMs + 20 * second
}

function eventXml({ atMs, node, id }: { atMs: number; node: string; id: number }): string {
  const provider = id === 1033 ? 'IIS AspNetCore Module V2' : 'Microsoft-Windows-WAS'
  return (
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='${provider}'/><EventID Qualifiers='0'>${id}</EventID>` +
    `<TimeCreated SystemTime='${new Date(atMs).toISOString().replace('Z', '0000Z')}'/><Computer>${node.toUpperCase()}.corp.example</Computer></System>` +
    `<EventData><Data Name='AppPoolID'>intranet</Data><Data Name='ProcessID'>4711</Data></EventData></Event>`
  )
}

/** By the contract an incident is over when nothing failed for a minute; nothing where no request failed. */
function troublesOf({ kind, node, hits }: Fault): Trouble[] {
  const groups: (typeof hits)[] = []
  for (const hit of hits.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = groups.at(-1)
    const lastMs = Math.max(...(last ?? []).map(({ endMs }) => endMs))
    if (last === undefined || hit.startMs > lastMs + minute) groups.push([hit])
    else last.push(hit)
  }
  return groups.map((group) => {
    const most = [...Map.groupBy(group, (hit) => hit.node)].sort(([, a], [, b]) => b.length - a.length)[0]
    const own = most !== undefined && most[1].length >= 0.8 * group.length ? most[0] : 'several'
    return {
      kind,
      node: { none_healthy: 'balancer', stale: 'unknown', slow_page: own }[kind as string] ?? node,
      fromMs: Math.min(...group.map(({ startMs }) => startMs)),
      toMs: Math.max(...group.map(({ endMs }) => endMs)),
      failed: group.length,
    }
  })
}
