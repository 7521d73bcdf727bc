import type { Role } from '../model/farm.ts'
import type { Evidence } from '../model/outcome.ts'
import { cloudOrigins } from './clouds.ts'
import type { Detail, ErrorPage, Pattern } from './fingerprint.ts'
import { iisOrigins } from './iis_and_arr.ts'
import { proxyOrigins } from './proxies.ts'

export interface OriginRow extends ErrorPage {
  readonly id: string
  readonly status: readonly number[]
}

/** Every kind of error answer that is known; where an answer fits two, the first one counts. */
export const originTable: readonly OriginRow[] = Object.entries({
  ...iisOrigins,
  ...proxyOrigins,
  ...cloudOrigins,
}).map(([id, page]) => ({ id, status: Object.keys(page.tells).map(Number), ...page }))

/** What an origin is recognized by; no more than the first 16 KiB of the body is looked at. */
export interface ErrorAnswer extends Evidence {
  readonly status: number
}

/** The origin of an answer that no row fits: the application itself, or a product not known here. */
export const unknownOrigin = 'unknown'

/** Every value that `originOf` can return, for the label of a metric. */
export const origins: readonly string[] = [...new Set(originTable.map((row) => row.who)), unknownOrigin]

const maxBody = 16_384

/** Who generated an error answer: the `who` of the first row of the table that it fits, else `unknown`. */
export function originOf(answer: ErrorAnswer): string {
  return rowOf(answer)?.who ?? unknownOrigin
}

/** Who generated an error answer, and what it means. */
export interface Explained {
  /** The value of the `origin` label. */
  readonly origin: string
  /** One sentence without a full stop, which begins with the product. Holds nothing of the answer but known codes. */
  readonly tells: string
}

export const unknownTells =
  'nobody known here: the application itself, or a product whose error pages farmprobe does not know'

/** Explains an error answer of the balancer or of a node; undefined when nothing is known about it. */
export function explainOrigin(answer: ErrorAnswer, role: Role): Explained | undefined {
  const row = rowOf(answer)
  if (row === undefined) return undefined
  const { who: origin, product, details = [] } = row
  const body = answer.bodyStart.slice(0, maxBody)
  const shown = details.flatMap((detail) => shownCode(detail, body) ?? [])
  const besides = shown.length === 0 ? '' : ` (${shown.join('; ')})`
  return { origin, tells: `${product}: ${clauseOf(row, answer.status, role)}${besides}` }
}

function clauseOf({ tells, onNode }: OriginRow, status: number, role: Role): string {
  return (role === 'node' ? onNode : undefined) ?? tells[status] ?? ''
}

/** What a page's code means, with the code where it is no part of the meaning. */
function shownCode({ after, codes }: Detail, body: string): string | undefined {
  const at = body.indexOf(after)
  if (at < 0) return undefined
  const follows = body.slice(at + after.length, at + after.length + longestCode).toLowerCase()
  const code = Object.keys(codes)
    .filter((each) => follows.startsWith(each))
    .reduce((longest, each) => (each.length > longest.length ? each : longest), '')
  if (code === '') return undefined
  return code.includes('.') ? `${code}: ${codes[code]}` : codes[code]
}

const longestCode = 8

/** The first row of a table that an error answer fits; what it means is the row's to say. */
export function rowOf(answer: ErrorAnswer, table = originTable): OriginRow | undefined {
  const candidates = table.filter((row) => row.status.includes(answer.status))
  if (candidates.length === 0) return undefined
  const body = answer.bodyStart.slice(0, maxBody).trim()
  return candidates.find((row) => fits(row, answer, body))
}

/** Whether an answer fits a row, by every condition the row has. */
function fits(row: OriginRow, answer: ErrorAnswer, body: string): boolean {
  const { statusText, headers } = row
  if (statusText && !matches(statusText, answer.statusText)) return false
  if (row.body && !matches(row.body, body)) return false
  if (row.notBody && matches(row.notBody, body)) return false
  return Object.entries(headers ?? {}).every(([name, pattern]) => {
    const value = headerOf(answer, name)
    return pattern === 'absent' ? value === undefined : value !== undefined && matches(pattern, value)
  })
}

function headerOf({ headers }: ErrorAnswer, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1]
}

// Plain comparisons only: a hostile page must not be able to make the match slow.
function matches({ is, starts, has }: Pattern, text: string): boolean {
  if (is && !is.includes(text)) return false
  if (starts && !starts.some((part) => text.startsWith(part))) return false
  return !has || has.some((part) => text.includes(part))
}
