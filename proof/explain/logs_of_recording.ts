/** A recorded farm of ASP.NET as ARR, IIS and Windows would have logged it: its access logs in W3C's form, and its restarts. */
import { aspnetKinds } from '../truth/zoo/kinds/aspnet.ts'
import type { Recording } from '../truth/zoo/recording/recording.ts'
import { ofKind } from '../truth/zoo/truth/vocabulary.ts'

/**
 * IIS logs whole seconds, and ARR waits 30 s by default; these balancers wait two to four. Their time is told ten times as
 * long, so that a second is as short beside it as it is there.
 */
export const stretch = 10

const fields =
  'date time s-computername cs-uri-stem cs-uri-query sc-status sc-substatus sc-win32-status time-taken X-ARR-LOG-ID'

/** A request; IIS writes it when it ends. */
interface Logged {
  readonly fromMs: number
  readonly toMs: number
  readonly query: string
  /** `502 3 12002` */
  readonly code: string
  /** As the node got it from the balancer, or `-`. */
  readonly logId: string
}

/** The text of each log, by its path: what is known of farmprobe's own requests. */
export function logsOfRecording({ kind, probes, truth, startMs }: Recording): ReadonlyMap<string, string> {
  const waitsMs = aspnetKinds.find(({ name }) => name === kind)?.balancer.timeoutMs
  if (waitsMs === undefined) throw new Error(`${kind} is no farm of ASP.NET`)
  const stretched = (ms: number) => startMs + stretch * (ms - startMs)
  const rows = new Map<string, Logged[]>()
  const add = (machine: string, logged: Logged) => {
    const { fromMs, toMs } = logged
    const own = rows.get(machine) ?? []
    rows.set(machine, own)
    own.push({ ...logged, fromMs: stretched(fromMs), toMs: stretched(toMs) })
  }
  for (const { outcome, log } of probes) {
    const { role, status, startedMs, totalMs } = outcome
    const isSent = role === 'balancer'
    // ARR's ids are hexadecimal.
    const id = Buffer.from(outcome.id).toString('hex')
    if (isSent && status > 0) {
      const isError = status >= 502
      const code = isError ? `502 3 ${totalMs >= 0.9 * waitsMs ? 12002 : 12030}` : `${status} 0 0`
      const query = `X-ARR-LOG-ID=${id}${isError ? '' : `&SERVER-STATUS=${status}`}`
      add('arr', { fromMs: startedMs, toMs: startedMs + totalMs, query, code, logId: '-' })
    }
    const { node, cameMs: fromMs, endMs: toMs } = log
    if (node !== undefined && fromMs !== undefined && toMs !== undefined)
      add(node, { fromMs, toMs, query: '-', code: '200 0 0', logId: isSent ? id : '-' })
  }
  const restarts = Map.groupBy(ofKind(truth, 'recycle'), ({ node }) => node)
  return new Map([
    ...[...rows].map(([machine, all]) => [`${machine}/u_ex.log`, w3cText(machine, all)] as const),
    ...[...restarts].map(([node, own]) => {
      const events = own.map(({ atMs }) => restartEvent(node, stretched(atMs)))
      return [`${node}/was.xml`, events.join('\n')] as const
    }),
  ])
}

function w3cText(machine: string, all: readonly Logged[]): string {
  const lines = all
    .toSorted((a, b) => a.toMs - b.toMs)
    .map(({ fromMs, toMs, query, code, logId }) => {
      const time = new Date(toMs).toISOString().slice(0, 19).replace('T', ' ')
      return `${time} ${machine} / ${query} ${code} ${Math.round(toMs - fromMs)} ${logId}`
    })
  return `#Fields: ${fields}\n${lines.join('\n')}\n`
}

/** As WAS writes it when a new worker takes the place of another. */
const restartEvent = (node: string, atMs: number): string =>
  `<Event><System><Provider Name="Microsoft-Windows-WAS"/><EventID>5074</EventID><TimeCreated SystemTime="${new Date(atMs).toISOString()}"/>` +
  `<Computer>${node}</Computer></System><EventData><Data Name="AppPoolID">zoo</Data></EventData></Event>`
