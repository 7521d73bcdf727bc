/** What a file is, by how it begins; or why it is nothing that IIS or Windows writes of requests and workers. */
import { printable } from '../read/remark.ts'
import { readable } from './log_lines.ts'

/** `balancer` and `node`: W3C logs of ARR's machine and of a node. `failed_request`: a FREB trace. */
export type LogKind = 'balancer' | 'node' | 'http_errors' | 'events' | 'failed_request'

/** HTTPERR files of old have no line that says their fields. */
export const httpErrorFields =
  'date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename'.split(
    ' ',
  )

const errorEntry = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ \S+ \S+ \S+ (?:HTTP\/\S+|-) /m
const entry = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /m
/** ARR notes its id of each request, and Windows' codes of its own requests to nodes. */
const ofBalancer = /X-ARR-LOG-ID=| 502 [34] (?:12\d{3}|64) /

export function kindOfLog(head: string): { readonly kind: LogKind } | { readonly why: string } {
  if (head.trim() === '') return { why: 'it is empty' }
  if (head.startsWith('<') || head.startsWith('\r\n<')) return kindOfXml(head)
  const fields = /^#Fields:(.*)$/m.exec(head)?.[1]
  if (/\bs-reason\b/.test(fields ?? '') || (fields === undefined && errorEntry.test(head)))
    return { kind: 'http_errors' }
  if (fields !== undefined) {
    const missing = ['time', 'sc-status'].filter((each) => !fields.toLowerCase().split(/\s+/).includes(each))
    if (missing.length > 0)
      return { why: `its #Fields have no ${missing.join(' and no ')}: nothing can be told from them` }
    return { kind: ofBalancer.test(head) ? 'balancer' : 'node' }
  }
  if (entry.test(head))
    return {
      why: 'it has entries but no #Fields line before them; copy that line from the beginning of the log',
    }
  if (/^#(?:Software|Version|Date):/m.test(head)) return { kind: 'node' }
  const [first = ''] = head.split(/\r?\n/)
  if (first.split(/[,;\t]/).length >= 4 || first.startsWith('"')) return { kind: 'events' }
  return {
    why: `it begins with "${printable(readable(first.slice(0, 60)))}": neither a W3C log, an HTTPERR log, events of Windows (XML or CSV) nor a failed request trace`,
  }
}

function kindOfXml(head: string): ReturnType<typeof kindOfLog> {
  if (/<failedRequest[\s>]/.test(head)) return { kind: 'failed_request' }
  if (/<Events?[\s/>]/.test(head)) return { kind: 'events' }
  return { why: 'it is XML, but neither events of Windows nor a failed request trace' }
}
