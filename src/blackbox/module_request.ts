/** What a module's probe asks for: of the target, and of where redirects lead. */
import { type Destination, destinationOf } from '../addresses/allowed_target.ts'
import {
  asBytes,
  encodePath,
  headersOf,
  isCookie,
  userAgent,
  type WrittenRequest,
} from '../probe/exchange/request.ts'
import { hidden, hideInUrl } from '../secrets/hide.ts'
import type { Sent } from '../secrets/sent_secrets.ts'
import type { HttpModule } from './module/module.ts'
import type { ModuleFiles } from './module/module_files.ts'

export interface ModuleTarget {
  readonly url: URL
  readonly destination: Destination
  /** The Host to send, which also gives the TLS server name, where it is not that of the URL. */
  readonly host: string | undefined
  /** The names under which a redirect leads to the target itself. */
  readonly names: ReadonlySet<string>
}

export interface ModuleRequest {
  /** As users write it; a Location is relative to it. */
  readonly url: URL
  readonly destination: Destination
  readonly method: string
  readonly withBody: boolean
  /** It goes to the target, under whatever name: to the same address and with the same Host. */
  readonly pinned: boolean
  /** It may carry the target's secrets: it goes to the target, and every hop to it was as safe as the first. */
  readonly trusted: boolean
  readonly referer: string
}

/** A target as a URL; one without a scheme is of HTTP. Undefined when it is none. */
export function targetUrl(target: string): URL | undefined {
  const url = URL.parse(/^https?:\/\//i.test(target) ? target : `http://${target}`)
  if (url !== null) url.hash = ''
  return url === null || url.hostname === '' || url.port === '0' ? undefined : url
}

/** A target as it may be shown: credentials and secret parameters are hidden. */
export function shownTarget(target: string): string {
  const url = targetUrl(target)
  if (url === undefined || (url.username === '' && url.password === '')) return hideInUrl(target)
  return hideInUrl(withoutCredentials(url).href.replace('//', `//${hidden}@`))
}

/** The target that is asked for, with a Host instead of its own where one is given; undefined when it is no URL. */
export function targetOf(target: string, host: string | undefined): ModuleTarget | undefined {
  const url = targetUrl(target)
  const destination = url && destinationOf(url)
  if (url === undefined || destination === undefined) return undefined
  return { url, destination, host, names: new Set([url.hostname, hostnameOf(host ?? url.host)]) }
}

/** The host alone, of a Host header that may have a port. */
export const hostnameOf = (host: string): string => new URL(`http://${host}`).hostname

export const firstRequest = ({ url, destination }: ModuleTarget, method: string): ModuleRequest => ({
  url,
  destination,
  method,
  withBody: true,
  pinned: true,
  trusted: true,
  referer: '',
})

/**
 * What a redirect asks for; undefined when it leads to no URL of HTTP. As in Go's client: 301, 302 and 303 ask for the
 * result of the request, 307 and 308 for the request once more.
 */
export function nextRequest(
  { url, method, withBody, trusted }: ModuleRequest,
  status: number,
  location: string,
  target: ModuleTarget,
): ModuleRequest | undefined {
  const next = URL.parse(location, url.href)
  const destination = next === null || next.port === '0' ? undefined : destinationOf(next)
  if (next === null || destination === undefined) return undefined
  next.hash = ''
  const again = status === 307 || status === 308
  const exposed = url.protocol === 'https:' && next.protocol === 'http:'
  const pinned = target.names.has(next.hostname)
  return {
    url: next,
    destination: pinned ? { ...destination, host: target.destination.host } : destination,
    method: again || method === 'HEAD' ? method : 'GET',
    withBody: again && withBody,
    pinned,
    trusted: trusted && pinned && !exposed,
    referer: exposed ? '' : withoutCredentials(url).href,
  }
}

function withoutCredentials(url: URL): URL {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain
}

/** The message is framed without these, and the jar has the cookies. */
const framing = new Set(['host', 'content-length', 'transfer-encoding', 'trailer', 'connection', 'cookie'])

/** What is not sent elsewhere than to the target. */
const confidential = new Set([
  ...framing,
  'authorization',
  'cookie2',
  'www-authenticate',
  'proxy-authorization',
])

/** The cookies that a module sends from the start; empty for none. */
export function ownCookies(module: HttpModule, files: ModuleFiles): string {
  const cookies = [...module.headers, ...files.headers].filter(isCookie)
  return asBytes(cookies.map(([, value]) => value).join('; '))
}

/** The bytes of a request: `host` is the Host to send, `cookie` the Cookie header, empty for none. */
export function writeRequest(
  { url, method, trusted, referer, withBody }: ModuleRequest,
  module: HttpModule,
  files: ModuleFiles,
  host: string,
  cookie: string,
): WrittenRequest {
  const unsent = trusted ? framing : confidential
  const own = [...module.headers, ...files.headers].filter(([name]) => !unsent.has(name.toLowerCase()))
  const headers = headersOf(
    {
      Host: host,
      'User-Agent': userAgent,
      Authorization: (trusted ? files.authorization : undefined) ?? credentialsIn(url),
      Referer: referer === '' ? undefined : referer,
    },
    own,
  )
  return {
    method,
    path: encodePath(url.pathname + url.search),
    headers: cookie === '' ? headers : [...headers, 'Cookie', cookie],
    body: withBody ? (files.body ?? null) : null,
    reset: true,
  }
}

/** What a module sends to a target, for its secrets. */
export function sentOf({ url }: ModuleTarget, { headers }: HttpModule, files: ModuleFiles): Sent {
  const authorization = files.authorization ?? credentialsIn(url)
  return {
    headers: [...headers, ...files.headers],
    path: url.pathname + url.search,
    ...(authorization !== undefined && { authorization }),
    ...(files.body && { body: files.body.toString('utf8') }),
  }
}

/** A user name and a password in the URL itself are sent as browsers and Go do. */
function credentialsIn({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decoded(username)}:${decoded(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
