/** Redirects: what an answer asks for, and how scheduled probes follow it, always to the same target. */
import { siteUrl } from '../addresses/host_port.ts'
import type { Site } from '../model/farm.ts'
import type { CookieJar } from './cookie_jar.ts'
import { type Answer, utf8Of, valuesOf } from './exchange/answer.ts'
import type { Aim } from './exchange/request.ts'
import { type Failure, failures } from './failure.ts'

/** As in Go's client, which blackbox_exporter uses; a longer chain is a loop. */
export const maxRedirects = 10

const redirecting = new Set([301, 302, 303, 307, 308])

/** The Location of an answer that redirects; undefined for any other, and for one without a Location. */
export function locationOf({ status, headers }: Answer): string | undefined {
  const [location = ''] = redirecting.has(status) ? valuesOf(headers, 'location') : []
  return location === '' ? undefined : utf8Of(location)
}

/** The next request to the same target, which a redirect to `location` asks for; a failure when it is off the site. */
export function nextAim(
  answer: Answer,
  location: string,
  aim: Aim,
  site: Site,
  jar: CookieJar,
): Aim | Failure {
  const asked = new URL(siteUrl(site) + aim.path)
  const url = URL.parse(location, asked.href)
  if (!url) return failures.badLocation(location)
  if (url.origin !== asked.origin)
    return failures.leftTarget(url.origin === 'null' ? url.protocol : url.origin)
  jar.keep(asked, answer.headers)
  return {
    method: methodAfter(answer.status, aim.method),
    path: url.pathname + url.search,
    cookie: jar.headerFor(url),
  }
}

// RFC 9110, section 15.4: 303 always asks for the result; for 301 and 302 every browser turns POST into GET.
function methodAfter(status: number, method: string): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method
}
