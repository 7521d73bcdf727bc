/**
 * The cookies of one probe (RFC 6265, as Go's net/http/cookiejar keeps them): those that it sends from the start, and
 * those that answers set on the way.
 *
 * Ours, since tough-cookie 6.1 takes 15 ms and 1.8 MiB in each thread that loads it and 4.8 MB on disk, almost all of
 * it the list of public suffixes; and it refuses `Domain=intranet` from `http://intranet/`, which Go accepts.
 */
import { isIP } from 'node:net'
import { isBelow } from '../addresses/allowed_target.ts'
import { type Header, valuesOf } from './exchange/answer.ts'

interface Cookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
}

export type CookieJar = ReturnType<typeof createCookieJar>

/** `own` is the Cookie header of the check. `nowMs` is wall time: a cookie may have expired before it came. */
export function createCookieJar(nowMs: number, own = '') {
  const cookies = new Map<string, Cookie>()
  let ownPairs = own === '' ? [] : own.split(';').map((pair) => pair.trim())

  /** Keeps what an answer to `url` sets, and forgets what it removes. */
  function keep(url: URL, headers: readonly Header[]): void {
    for (const written of valuesOf(headers, 'set-cookie')) {
      const read = readCookie(written, url, nowMs)
      if (read === undefined) continue
      const { name, domain, path } = read.cookie
      ownPairs = ownPairs.filter((pair) => pairOf(pair)[0] !== name)
      const key = JSON.stringify([domain, path, name])
      if (read.isOver) cookies.delete(key)
      else cookies.set(key, read.cookie)
    }
  }

  /** The value of the Cookie header of a request to `url`; empty for none. `ownToo`: with the cookies of the check. */
  function headerFor(url: URL, ownToo = true): string {
    const set = [...cookies.values()]
      .filter((cookie) => goesTo(cookie, url))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`)
    return [...(ownToo ? ownPairs : []), ...set].join('; ')
  }

  return { keep, headerFor }
}

/** The name and the value of a cookie as it is written; without an equals sign it has no name (RFC 6265, section 5.2). */
export function pairOf(written: string): readonly [name: string, value: string] {
  const [pair = ''] = written.split(';', 1)
  const split = pair.indexOf('=')
  return [pair.slice(0, Math.max(0, split)).trim(), pair.slice(split + 1).trim()]
}

/** Browsers keep no longer cookies, characters. */
const longestCookie = 4096

/** The value of a cookie that an answer sets; undefined when it sets none of that name, or removes it. `nowMs` is wall time. */
export function valueSet(headers: readonly Header[], name: string, nowMs: number): string | undefined {
  const written = valuesOf(headers, 'set-cookie').findLast((each) => pairOf(each)[0] === name)
  if (written === undefined || written.length > longestCookie) return undefined
  const given = new Map(written.split(';').slice(1).map(attributeOf).toReversed())
  const [, value] = pairOf(written)
  return value === '' || isOver(given, nowMs) ? undefined : value
}

/** A Cookie header with one cookie more, or another value of it. */
export function withCookie(header: string, name: string, value: string): string {
  const others = header.split(';').map((pair) => pair.trim())
  return [...others.filter((pair) => pair !== '' && pairOf(pair)[0] !== name), `${name}=${value}`].join('; ')
}

function readCookie(written: string, url: URL, nowMs: number) {
  const [pair = '', ...attributes] = written.split(';')
  const [name, value] = pairOf(pair)
  if (name === '') return undefined
  const given = new Map(attributes.map(attributeOf).toReversed())
  const domain = domainOf(given.get('domain'), url.hostname)
  if (domain === undefined) return undefined
  const path = given.get('path') ?? ''
  const cookie: Cookie = {
    name,
    value,
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
  return isBelow(pathname, path)
}
