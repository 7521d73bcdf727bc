import type { Site } from '../model/farm.ts'
import type { Answer } from './exchange/answer.ts'
import { type Header, valuesOf } from './exchange/header.ts'
import { type Aim, hostOf } from './exchange/request.ts'
import { type Failure, failures } from './failure.ts'

/** As browsers and blackbox_exporter have it, more or less; a longer chain is a loop. */
export const maxRedirects = 10

const redirecting = new Set([301, 302, 303, 307, 308])

/** Where an answer sends us on the same target; undefined when it is no redirect; a failure when it leads off the site. */
export function nextAim(answer: Answer, aim: Aim, site: Site): Aim | undefined | Failure {
  const [location] = valuesOf(answer.headers, 'location')
  if (!redirecting.has(answer.status) || location === undefined) return undefined
  const origin = `${site.scheme}://${hostOf(site)}`
  const url = URL.parse(utf8(location), origin + aim.path)
  if (!url) return failures.badLocation(location)
  if (url.origin !== new URL(origin).origin)
    return failures.leftTarget(url.origin === 'null' ? url.protocol : url.origin)
  return {
    method: methodAfter(answer.status, aim.method),
    path: url.pathname + url.search,
    cookie: withCookies(aim.cookie, answer.headers),
  }
}

/** Header values are read byte by byte; those that are not ASCII are UTF-8 by habit. */
const utf8 = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8')

// RFC 9110, section 15.4: 303 always asks for the result; for 301 and 302 every browser turns POST into GET.
function methodAfter(status: number, method: string): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method
}

/**
 * The Cookie header with what an answer set or removed. Sites that test for cookies redirect forever without it.
 * All hops are of one site, seconds apart: of a cookie's attributes only a removal matters.
 */
function withCookies(cookie: string, headers: readonly Header[]): string {
  const jar = new Map<string, string>()
  for (const pair of cookie.split(';')) setPair(jar, pair)
  for (const value of valuesOf(headers, 'set-cookie')) {
    const [pair = '', ...attributes] = value.split(';')
    setPair(
      jar,
      attributes.some((text) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(text)) ? `${nameOf(pair)}=` : pair,
    )
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

function setPair(jar: Map<string, string>, pair: string): void {
  const name = nameOf(pair)
  const value = pair.slice(pair.indexOf('=') + 1).trim()
  if (!pair.includes('=')) return
  if (value === '') jar.delete(name)
  else jar.set(name, value)
}

const nameOf = (pair: string) => pair.split('=', 1)[0]?.trim() ?? ''
