/** Where a probe goes: to the target, and where redirects send it. */

import {
  type AllowedTargets,
  type Destination,
  destinationOf,
  mayProbe,
} from '../addresses/allowed_target.ts'
import { hidden, hideInUrl } from '../secrets/hide.ts'

/** One request that is to be made. */
export interface Visit {
  /** As users write it; its host is what a Location is relative to. */
  readonly url: URL
  readonly method: string
  /** The body goes along. */
  readonly withBody: boolean
  /** The target itself, under whatever name: the address and the Host of the first visit hold. */
  readonly pinned: boolean
  /** It may be told the target's secrets: it is the target, and every step to it was as safe as the first. */
  readonly trusted: boolean
  /** The URL from which a redirect led here. */
  readonly referer: string
}

/** A target as a URL; one without a scheme is of HTTP. Undefined when it is none. */
export function targetUrl(target: string): URL | undefined {
  const url = URL.parse(/^https?:\/\//i.test(target) ? target : `http://${target}`)
  if (url !== null) url.hash = ''
  return url === null || url.hostname === '' || url.port === '0' ? undefined : url
}

/** Where a visit connects to: a pinned one to the target's own host. */
export function destinationOfVisit({ url, pinned }: Visit, first: URL): Destination | undefined {
  const destination = destinationOf(url)
  const own = destinationOf(first)
  return destination && pinned && own ? { ...destination, host: own.host } : destination
}

/** Whether a visit may be made. */
export function isAllowed(visit: Visit, first: URL, allowed: AllowedTargets): boolean {
  const destination = destinationOfVisit(visit, first)
  return destination !== undefined && mayProbe(destination, allowed)
}

export const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What a redirect asks for, or why it cannot be done; `ownNames` are the names under which the target is pinned. */
export function nextVisit(
  { url, method, withBody, trusted }: Visit,
  status: number,
  location: string,
  ownNames: ReadonlySet<string>,
): Visit | string {
  const next = URL.parse(Buffer.from(location, 'latin1').toString('utf8'), url.href)
  if (next === null || !/^https?:$/.test(next.protocol) || next.port === '0')
    return 'it leads to no URL of HTTP'
  next.hash = ''
  // As Go has it: 301, 302 and 303 ask for the result of the request, the others for the request once more.
  const again = status === 307 || status === 308
  const exposed = url.protocol === 'https:' && next.protocol === 'http:'
  const pinned = ownNames.has(next.hostname)
  return {
    url: next,
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

/** A target as it may be shown: credentials and telling parameters are hidden. */
export function shownTarget(target: string): string {
  const url = targetUrl(target)
  if (url === undefined || (url.username === '' && url.password === '')) return hideInUrl(target)
  return hideInUrl(withoutCredentials(url).href.replace('//', `//${hidden}@`))
}
