import type { Check, IdentitySource, ServedBySource } from '../../model/farm.ts'
import type { Compile } from '../../runtime/regexp.ts'
import { pairOf } from '../cookie_jar.ts'
import { type Answer, valuesOf } from '../exchange/answer.ts'

const token = (value: string | undefined): string | undefined => (value === '' ? undefined : value)

/** The token that identifies the worker process; undefined when the answer has none. */
export function identityOf(
  answer: Answer,
  text: () => string,
  source: IdentitySource,
  compile: Compile,
): string | undefined {
  if ('header' in source) return token(valuesOf(answer.headers, source.header)[0])
  if ('cookieName' in source) return cookieNameOf(answer, source.cookieName)
  if ('json' in source) return token(atPointer(text(), source.json))
  return token(compile(source.body).find(text()))
}

/** Whether the text of an answer is needed to find a worker's identity. */
export const isInBody = (source: Check['identity']): boolean =>
  typeof source === 'object' && ('json' in source || 'body' in source)

/** The name of the first cookie set that a name fits, which may end in `*`. */
function cookieNameOf({ headers }: Answer, wanted: string): string | undefined {
  const stem = wanted.endsWith('*') ? wanted.slice(0, -1) : undefined
  const names = valuesOf(headers, 'set-cookie').map((written) => pairOf(written)[0])
  return names.find((name) => (stem === undefined ? name === wanted : name.startsWith(stem)))
}

/** How many candidates an answer has at most, and how long they may be, characters. */
const mostCandidates = 24
const longestCandidate = 64
/** Bodies that are read for them, bytes. */
const mostJsonBytes = 16_384
/** ASP adds so many letters to the name of its session cookie, other ones in each process. */
const cookieSuffix = 8

/** Headers that say something else, on every server. */
const otherHeader =
  /^(accept-.*|access-control-.*|age|allow|alt-svc|cache-control|connection|content-.*|cross-origin-.*|date|etag|expires|keep-alive|last-modified|link|location|permissions-policy|pragma|referrer-policy|server|set-cookie|strict-transport-security|trailer|transfer-encoding|vary|via|x-content-type-options|x-frame-options|x-powered-by|x-xss-protection)$/i

export const isSmallJson = ({ headers, bodyBytes }: Answer): boolean =>
  bodyBytes <= mostJsonBytes && /[/+]json\b/i.test(valuesOf(headers, 'content-type')[0] ?? '')

/** What in an answer may identify its worker process: sources as text, such as `header X-Boot`, with their values. */
export function identityCandidates(answer: Answer, text: () => string): [source: string, value: string][] {
  const { headers } = answer
  const cookies = valuesOf(headers, 'set-cookie').flatMap((written) => {
    const [name] = pairOf(written)
    return name.length > cookieSuffix ? [[`cookie_name ${name.slice(0, -cookieSuffix)}*`, name] as const] : []
  })
  const named = headers.flatMap(([name, value]) =>
    otherHeader.test(name) ? [] : [[`header ${name}`, value] as const],
  )
  return [...named, ...cookies, ...(isSmallJson(answer) ? scalarsIn(parse(text()), 'json ') : [])]
    .filter(([source, value]) => source.length <= longestCandidate && isShort(value))
    .slice(0, mostCandidates)
    .map(([source, value]) => [source, value])
}

const isShort = ({ length }: string) => length > 0 && length <= longestCandidate

/** Texts and numbers of a JSON document and of the objects in it, with the pointers to them. */
function scalarsIn(value: unknown, pointer: string, depth = 2): (readonly [string, string])[] {
  if (typeof value === 'string' || typeof value === 'number') return [[pointer, String(value)]]
  if (typeof value !== 'object' || value === null || depth === 0) return []
  return Object.entries(value).flatMap(([key, each]) =>
    scalarsIn(each, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth - 1),
  )
}

/**
 * The node that a balancer's answers name as their source: those of one probe, of which the last one is first, undefined
 * when none came. The last answer that names a node counts: a balancer sets its affinity cookie only for a client without
 * one, and sends a client that has it to the same node. A header binds no later request: a gateway error without one
 * has no known source.
 */
export function servedByOf(
  answers: readonly (Answer | undefined)[],
  source: ServedBySource,
): string | undefined {
  const [last] = answers
  const isBound = 'cookie' in source || (last !== undefined && !isGatewayError(last.status))
  for (const answer of isBound ? answers : [last]) {
    const named = answer && namedBy(answer, source)
    if (named !== undefined) return named
  }
  return undefined
}

/** An answer that a gateway makes in the application's place, mostly. */
export const isGatewayError = (status: number): boolean => status === 502 || status === 503 || status === 504

function namedBy({ headers }: Answer, source: ServedBySource): string | undefined {
  if ('header' in source) return token(valuesOf(headers, source.header)[0])
  const pairs = valuesOf(headers, 'set-cookie').map(pairOf)
  return token(pairs.find(([name]) => name === source.cookie)?.[1])
}

/** The value at a JSON pointer (RFC 6901), as text; undefined when it is not there, or null, or the text no JSON. */
function atPointer(text: string, pointer: string): string | undefined {
  let value = parse(text)
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  if (value === null || value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
