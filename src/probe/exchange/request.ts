// oxlint-disable-next-line no-restricted-imports -- the package's own manifest is data, not a layer
import manifest from '../../../package.json' with { type: 'json' }
import { siteHost } from '../../addresses/host_port.ts'
import type { Check, Site } from '../../model/farm.ts'
import type { Header } from './answer.ts'

/** The User-Agent, unless a check or a module has another. */
export const userAgent = `farmprobe/${manifest.version}`

export interface WrittenRequest {
  readonly method: string
  readonly path: string
  /** Names and values in turn, as latin1. */
  readonly headers: readonly string[]
  readonly body: Buffer | null
  /** The connection is closed after the answer. */
  readonly reset: boolean
}

/** Methods whose requests have a body, so that an empty one is told too. */
const withBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

/** The request line and the headers, as latin1. Throws when a header holds a line break. */
export function headOf({ method, path, headers, body, reset }: WrittenRequest): string {
  let head = `${method} ${path} HTTP/1.1\r\n`
  for (let at = 0; at + 1 < headers.length; at += 2)
    head += `${headers[at]}: ${inOneLine(headers[at + 1] ?? '')}\r\n`
  head += reset ? 'Connection: close\r\n' : 'Connection: keep-alive\r\n'
  const length = body?.length ?? 0
  return length > 0 || withBody.has(method) ? `${head}Content-Length: ${length}\r\n\r\n` : `${head}\r\n`
}

/** The part of a scheduled request that differs between the hops of a redirect. */
export interface Aim {
  readonly method: string
  readonly path: string
  /** The whole Cookie header; empty for none. */
  readonly cookie: string
}

/** What the requests of one probe are recognised by. */
export interface Marks {
  readonly id: string
  /** A header of W3C Trace Context; absent: none of ours is sent. */
  readonly traceparent?: string
}

const idHeader = 'X-Farmprobe-Id'
const traceHeader = 'traceparent'

/** Writes the requests of one check to one site. What does not change from probe to probe is put together once. */
export function createRequestWriter(check: Check, site: Site) {
  const own = check.headers.filter((header) => !isCookie(header))
  const common = headersOf(
    { Host: siteHost(site), 'User-Agent': userAgent, Accept: '*/*', Authorization: check.authorization },
    own,
  )
  const body = check.body ? Buffer.from(check.body) : null
  const cookies = check.headers.filter(isCookie).map(([, value]) => value)
  const reset = check.connection === 'fresh'

  return {
    /** The first request of a probe. */
    first: { method: check.method, path: encodePath(check.path), cookie: oneLine(cookies.join('; ')) },
    write({ method, path, cookie }: Aim, { id, traceparent }: Marks): WrittenRequest {
      const headers = [...common, ...(cookie === '' ? [] : ['Cookie', cookie]), idHeader, id]
      if (traceparent !== undefined) headers.push(traceHeader, traceparent)
      return {
        method,
        path: check.cacheBust ? withParameter(path, id) : path,
        headers,
        body: method === check.method ? body : null,
        reset,
      }
    },
  }
}

/** Whether its probes begin traces of their own: a header that the check names itself comes first. */
export const isTraced = ({ trace, headers }: Check): boolean =>
  trace && headers.every(([name]) => name.toLowerCase() !== traceHeader)

export const isCookie = ([name]: Header): boolean => name.toLowerCase() === 'cookie'

/** Headers, names and values in turn: the `usual` ones that `own` does not have, and `own`. Throws when one holds a line break. */
export function headersOf(
  usual: Readonly<Record<string, string | undefined>>,
  own: readonly Header[],
): string[] {
  const names = new Set(own.map(([name]) => name.toLowerCase()))
  const others = Object.entries(usual).filter(([name]) => !names.has(name.toLowerCase()))
  return [...others, ...own].flatMap(([name, value]) =>
    value === undefined ? [] : [oneLine(name), oneLine(value)],
  )
}

/** The configuration refuses line breaks; this is the last check against one request becoming two. */
function inOneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new Error('a header of the request holds a line break')
  return text
}

const oneLine = (text: string): string => asBytes(inOneLine(text))

/** Text as UTF-8, each byte as one latin1 character, which is how a head is written to the socket. */
export const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** A path as it may stand in a request line: spaces and what is not ASCII are percent-encoded, a fragment is left out. */
export function encodePath(path: string): string {
  const [asked = ''] = path.split('#', 1)
  const encoded = asked.toWellFormed().replaceAll(/[^\x21-\x7e]+/g, encodeURIComponent)
  return encoded.startsWith('/') ? encoded : `/${encoded}`
}

/** A parameter that no cache has seen: kernel and proxy caches cannot answer in the application's place. */
function withParameter(path: string, id: string): string {
  const joint = !path.includes('?') ? '?' : path.endsWith('?') || path.endsWith('&') ? '' : '&'
  return `${path}${joint}_farmprobe=${id}`
}
