/** Which URLs a client of `/probe` may have probed: those of the farms, and what the operator lists. */
import type { Farm, Scheme } from '../model/farm.ts'
import { inAscii, standardPorts } from './host_port.ts'
import { ipBytes } from './ip_bytes.ts'
import { offLimits } from './off_limits.ts'

/** Where a request would go, in normal form: as `destinationOf` gives it. */
export interface Destination {
  readonly scheme: Scheme
  /** A name in small letters, or an IP literal without brackets. */
  readonly host: string
  readonly port: number
  /** Without the query. */
  readonly path: string
}

/** One entry of the list; what is absent is not asked about. */
export interface TargetPattern {
  readonly scheme?: Scheme
  /** `*` stands for any characters. */
  readonly host: string
  readonly port?: number
  readonly path?: string
}

/** Plain data, so that it can be posted to a thread. */
export interface AllowedTargets {
  readonly patterns: readonly TargetPattern[]
  /** The hosts of farms, each with the ports it is probed on. */
  readonly places: ReadonlyMap<string, ReadonlySet<number>>
}

/** The destination of a URL; undefined where it is not of HTTP. */
export function destinationOf({ protocol, hostname, port, pathname }: URL): Destination | undefined {
  const scheme = protocol === 'https:' ? 'https' : protocol === 'http:' ? 'http' : undefined
  if (scheme === undefined) return undefined
  return {
    scheme,
    host: normalHost(hostname),
    port: port === '' ? standardPorts[scheme] : Number(port),
    path: pathname,
  }
}

/** In small letters, without brackets and without the dot of the root. */
export const normalHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, '')

/** Reads `host`, `host:port` or the beginning of a URL, with `*` in the host; otherwise what is wrong with it. */
export function parseTargetPattern(written: string): TargetPattern | string {
  const [, scheme, authority = '', path] =
    /^(?:(https?):\/\/)?([^/?#@\s\\]+)(\/[^?#\s\\]*)?$/i.exec(written) ?? []
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^[\]]*?))(?::(\d*))?$/.exec(authority) ?? []
  const bare = ipBytes(authority) === undefined ? undefined : authority
  const host = normalHost(bare ?? bracketed ?? inAscii(plain ?? ''))
  if (path?.startsWith('//') === true || !isHostPattern(host, bracketed !== undefined || bare !== undefined))
    return 'not a host, an address or a URL'
  if (scheme === undefined && path !== undefined) return 'a path without a scheme'
  const port = bare === undefined && digits !== undefined ? Number(digits) : undefined
  if (port !== undefined && !(port >= 1 && port <= 65_535)) return 'a port that is not from 1 to 65535'
  const { pathname } = new URL(path ?? '/', 'http://any')
  const known = scheme?.toLowerCase() as Scheme | undefined
  return {
    host,
    ...(known && { scheme: known, path: pathname, port: port ?? standardPorts[known] }),
    ...(known === undefined && port !== undefined && { port }),
  }
}

/** Whether it is an address, or a name with `*` for any characters. */
export const isHostPattern = (host: string, isAddress: boolean): boolean =>
  isAddress ? ipBytes(host) !== undefined : /^[a-z0-9_*][a-z0-9_*.-]*$/.test(host)

/** The places of farms: every host with the ports that farms use on it, and those to which sites redirect. */
export function placesOf(farms: readonly Farm[]): AllowedTargets['places'] {
  const places = new Map<string, Set<number>>()
  const add = (host: string, port: number) => {
    const known = normalHost(host)
    const ports = places.get(known) ?? new Set(Object.values(standardPorts))
    places.set(known, ports.add(port))
  }
  for (const { site, balancer, nodes } of farms) {
    add(site.hostname, site.port)
    for (const { host, port } of [balancer, ...nodes]) add(host, port)
  }
  return places
}

/** Whether a request to a destination may be made; the address that its name resolves to is checked when it does. */
export function mayProbe(destination: Destination, { patterns, places }: AllowedTargets): boolean {
  const { host, port } = destination
  if (places.get(host)?.has(port) !== true && !patterns.some((pattern) => matches(pattern, destination)))
    return false
  return (
    offLimits(host) === undefined || places.has(host) || patterns.some((pattern) => pattern.host === host)
  )
}

function matches(pattern: TargetPattern, { scheme, host, port, path }: Destination): boolean {
  if (pattern.scheme !== undefined && pattern.scheme !== scheme) return false
  if (pattern.port !== undefined && pattern.port !== port) return false
  if (pattern.path !== undefined && !isBelow(path, pattern.path)) return false
  // Without this, `10.0.0.*` would match `10.0.0.example.org`.
  if (/^[\d.*]*\d[\d.*]*$/.test(pattern.host) && ipBytes(host) === undefined) return false
  return matchesGlob(pattern.host, host)
}

/** A path is another one, or below it (as the paths of cookies are matched: RFC 6265, section 5.1.4). */
export const isBelow = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) &&
  (prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/')

/** Whether `*` in the pattern can stand for what the text has; each part between is taken at its first place: linear time. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of others) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
