/** What the head of an answer says of its body, as the exporter reads it. */
import { type Answer, valuesOf } from '../../probe/exchange/answer.ts'

/** The length that the answer gives for its body, bytes; -1 where it gives none. */
export function contentLengthOf({ status, headers, headOnly }: Answer, method: string): number {
  const [length] = valuesOf(headers, 'content-length')
  const given = length !== undefined && /^\d+$/.test(length) ? Number(length) : -1
  if (method === 'HEAD') return given
  if (status === 204 || status === 304) return 0
  if (valuesOf(headers, 'transfer-encoding').length > 0) return -1
  return given === -1 && headOnly ? 0 : given
}

const days = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const months = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'

/** The three forms of RFC 9110, section 5.6.7. */
const forms = [
  new RegExp(`^${days}, \\d{2} ${months} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, \\d{2}-${months}-\\d{2} \\d{2}:\\d{2}:\\d{2} GMT$`),
  new RegExp(`^${days} ${months} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}$`),
]

/** The Last-Modified header as Unix time in seconds; undefined where there is none that can be read. */
export function lastModifiedOf({ headers }: Answer): number | undefined {
  const [written = ''] = valuesOf(headers, 'last-modified')
  if (!forms.some((form) => form.test(written))) return undefined
  const ms = Date.parse(written.endsWith('GMT') ? written : `${written} GMT`)
  return Number.isNaN(ms) ? undefined : ms / 1000
}
