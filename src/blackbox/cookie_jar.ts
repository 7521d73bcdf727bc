/** The cookies of one probe: it begins without any, and redirects may ask for those set on the way. */
import { isIP } from 'node:net'
import { type Header, valuesOf } from '../probe/exchange/header.ts'

export interface CookieJar {
  /** Keeps what an answer to `url` sets. */
  keep(url: URL, headers: readonly Header[]): void
  /** The pairs for a request to `url`, as they go into its Cookie header; empty for none. */
  pairsFor(url: URL): string
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  /** Only this very host. */
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
}

/** `nowMs` is wall time: a cookie may have expired before it came. */
export function createCookieJar(nowMs: number): CookieJar {
  const cookies = new Map<string, Cookie>()
  return {
    keep(url, headers) {
      for (const written of valuesOf(headers, 'set-cookie')) {
        const read = readCookie(written, url, nowMs)
        if (read === undefined) continue
        const key = JSON.stringify([read.cookie.domain, read.cookie.path, read.cookie.name])
        if (read.isOver) cookies.delete(key)
        else cookies.set(key, read.cookie)
      }
    },
    pairsFor: (url) =>
      [...cookies.values()]
        .filter((cookie) => goesTo(cookie, url))
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
  }
}

function readCookie(written: string, url: URL, nowMs: number) {
  const [pair = '', ...attributes] = written.split(';')
  const split = pair.indexOf('=')
  const name = pair.slice(0, split).trim()
  if (split === -1 || name === '') return undefined
  const given = new Map(attributes.map(attributeOf).toReversed())
  const domain = domainOf(given.get('domain'), url.hostname)
  if (domain === undefined) return undefined
  const path = given.get('path') ?? ''
  const cookie: Cookie = {
    name,
    value: pair.slice(split + 1).trim(),
    ...domain,
    path: path.startsWith('/') ? path : url.pathname.replace(/\/[^/]*$/, '') || '/',
    secure: given.has('secure'),
  }
  return { cookie, isOver: isOver(given, nowMs) }
}

function attributeOf(text: string): readonly [string, string] {
  const [name = '', ...value] = text.split('=')
  return [name.trim().toLowerCase(), value.join('=').trim()]
}

/** A site may set cookies for the domain it is in, never for a top-level one. */
function domainOf(given: string | undefined, host: string): Pick<Cookie, 'domain' | 'hostOnly'> | undefined {
  const domain = (given ?? '').replace(/^\./, '').toLowerCase()
  if (domain === '' || domain === host) return { domain: host, hostOnly: domain === '' || isIP(host) !== 0 }
  return host.endsWith(`.${domain}`) && domain.includes('.') && isIP(host) === 0
    ? { domain, hostOnly: false }
    : undefined
}

function isOver(given: ReadonlyMap<string, string>, nowMs: number): boolean {
  const maxAge = given.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0
  return Date.parse(given.get('expires') ?? '') <= nowMs
}

function goesTo({ domain, hostOnly, path, secure }: Cookie, { hostname, pathname, protocol }: URL): boolean {
  if (secure && protocol !== 'https:') return false
  if (hostname !== domain && (hostOnly || !hostname.endsWith(`.${domain}`))) return false
  return (
    pathname.startsWith(path) &&
    (path.endsWith('/') || pathname.length === path.length || pathname[path.length] === '/')
  )
}
