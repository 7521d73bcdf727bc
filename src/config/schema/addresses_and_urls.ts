/** Addresses and URLs. */
import { isIPv4, isIPv6 } from 'node:net'
import {
  isHostPattern,
  normalHost,
  parseTargetPattern,
  type TargetPattern,
} from '../../addresses/allowed_target.ts'
import { hostNameOf, inAscii, standardPorts } from '../../addresses/host_port.ts'
import type { Scheme, Site } from '../../model/farm.ts'
import type { AddressFamily } from '../config.ts'
import { type Part, value } from './part.ts'
import { listOf } from './patterns.ts'
import { fromText, parsed } from './scalars.ts'

/** An IP literal without brackets, or a name in ASCII; the port when one was written. */
export interface Address {
  readonly host: string
  readonly port?: number
}

/** The port of a node without one: the site's where it has the site's scheme, otherwise the scheme's own. */
export const usualPort = (site: Site, scheme: Scheme): number =>
  scheme === site.scheme ? site.port : standardPorts[scheme]

/** Reads `host`, `host:port`, `10.0.0.5:443`, `::1`, `[::1]:8080`; returns what is wrong with anything else. */
export function parseAddress(written: string): Address | string {
  if (/^https?:\/\//i.test(written)) return 'a URL'
  // Asked only where it can be one: the first look compiles a long expression for 3 ms.
  if (/:.*:/.test(written) && isIPv6(written)) return { host: written }
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(written) ?? []
  const host = bracketed === undefined ? hostOf(plain) : isIPv6(bracketed) ? bracketed : undefined
  if (host === undefined) return 'not an address'
  if (digits === undefined) return { host }
  const port = Number(digits)
  return digits === '' || port > 65_535 ? 'a port that is not from 1 to 65535' : { host, port }
}

const hostOf = (plain = '') => (isIPv4(plain) ? plain : hostNameOf(plain))

const addressRules = {
  json: { type: 'string' },
  kind: 'address',
  right: 'write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
}

/** Where requests are sent to. */
export const address: Part<Address> = value({
  ...addressRules,
  read: (raw, wrong) => {
    const read = readAddress(raw, wrong)
    return read?.port === 0 ? wrong('a port that is not from 1 to 65535') : read
  },
})

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Reads where to listen: the host may be left out, port 0 takes any free port. Returns what is wrong with anything else. */
export function parseListen(written: string): ListenAddress | string {
  const parsed = parseAddress(written.startsWith(':') ? `0.0.0.0${written}` : written)
  if (typeof parsed === 'string') return parsed
  return parsed.port === undefined ? 'no port' : { host: parsed.host, port: parsed.port }
}

export const listenAddress: Part<ListenAddress> = value({
  json: { type: 'string' },
  kind: 'address with a port',
  right: 'write an address and a port, such as 0.0.0.0:9502 or "[::]:9502"',
  read: parsed(parseListen),
})

const readAddress = parsed(parseAddress)

/** Targets that may be probed on demand: one, or a list. */
export const targetPatterns: Part<readonly TargetPattern[]> = listOf({
  kind: 'targets',
  right:
    'write a host, host:port or the beginning of a URL, such as "*.example.org", 10.0.0.5:8080 or https://intranet.example.org/app/',
  read: parsed(parseTargetPattern),
})

/** Names of hosts, in ASCII and small letters: one, or a list. */
export const hostPatterns: Part<readonly string[]> = listOf({
  kind: 'host names',
  right: 'write names without ports, such as farmprobe.example.org or "*.example.org"',
  read: fromText((written, wrong) => {
    const host = normalHost(inAscii(written))
    return isHostPattern(host, false) ? host : wrong('not a host name')
  }),
})

/** A name to resolve, in ASCII. */
export const hostName: Part<string> = value({
  json: { type: 'string' },
  kind: 'host name',
  right: 'write a host name without a port, such as nodes.example.org',
  read: fromText((written, wrong) => hostNameOf(written) ?? wrong('not a host name')),
})

/** The version of IP. */
export const addressFamily: Part<AddressFamily> = value({
  json: { enum: [4, 6, 'both'] },
  kind: '4, 6 or `both`',
  right: 'write 4, 6 or both',
  read: (raw, wrong) => {
    if (raw === 'both') return raw
    return raw === 4 || raw === '4' ? 4 : raw === 6 || raw === '6' ? 6 : wrong('not an address family')
  },
})

/** Where messages are posted to, as its normal form; says what is wrong with anything else. */
export function parseEndpoint(written: string): URL | string {
  const url = URL.parse(written)
  if (!/^https?:\/\//i.test(written) || url === null) return 'not an http or https URL'
  if (url.username !== '' || url.password !== '') return 'a URL with credentials, which belong into `auth`'
  return url.hash === '' ? url : 'a URL with a fragment'
}

const readEndpoint = fromText((written, wrong) => {
  const url = parseEndpoint(written)
  return typeof url === 'string' ? wrong(url) : url.href
})

const endpointRules = {
  json: { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://|\\$\\{' },
  read: readEndpoint,
}

export const endpointUrl: Part<string> = value({
  ...endpointRules,
  kind: 'URL',
  right: 'write a URL, such as http://alertmanager:9093',
})

/** Whoever knows the URL may post to it. */
export const secretUrl: Part<string> = value({
  ...endpointRules,
  kind: 'URL, a secret',
  right: 'write a URL, such as https://hooks.example.org/farmprobe',
  secret: true,
})

const readSite = fromText((written, wrong): Site | undefined => {
  const url = URL.parse(written)
  if (!/^https?:\/\//i.test(written) || url === null) return wrong('not an http or https URL')
  if (url.username !== '' || url.password !== '')
    return wrong('a URL with credentials', "move them to the checks' `auth: { basic: … }`")
  if (url.search !== '' || url.hash !== '')
    return wrong('a URL with a query or a fragment', "move the query to a check's `path`")
  if (url.pathname !== '/')
    return wrong('a URL with a path', `write ${url.origin} here and \`path: ${url.pathname}\` in a check`)
  const scheme: Scheme = url.protocol === 'https:' ? 'https' : 'http'
  const port = url.port === '' ? standardPorts[scheme] : Number(url.port)
  if (port === 0) return wrong('port 0')
  return { scheme, hostname: url.hostname.replace(/^\[|\]$/g, ''), port }
})

/** The farm's URL. */
export const siteUrl: Part<Site> = value({
  json: { type: 'string', pattern: '^[hH][tT][tT][pP][sS]?://|\\$\\{' },
  kind: 'URL',
  right: 'write the URL users open, such as https://intranet.example.org',
  read: readSite,
})
