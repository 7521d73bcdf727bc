/** Addresses as text. */
import type { Scheme, Site } from '../model/farm.ts'

export const standardPorts: Readonly<Record<Scheme, number>> = { http: 80, https: 443 }

/** `host:port`; an IPv6 address in brackets. */
export const hostPort = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${bracketed(host)}:${port}`

/** What users' browsers send as Host: the port only where it is not the scheme's own. */
export const siteHost = ({ scheme, hostname, port }: Site): string =>
  port === standardPorts[scheme] ? bracketed(hostname) : hostPort({ host: hostname, port })

/** The address users reach, without a path. */
export const siteUrl = (site: Site): string => `${site.scheme}://${siteHost(site)}`

const bracketed = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/**
 * The name of a host as DNS has it: one with other letters than ASCII's is encoded as in a URL (IDNA). Undefined when it
 * can be no name; one that looks like a mistyped IPv4 address is none.
 */
export function hostNameOf(written: string): string | undefined {
  const host = inAscii(written)
  return isHostName(host) ? host : undefined
}

/** The same text when it is ASCII, else as IDNA encodes it; empty when it cannot. */
export function inAscii(host: string): string {
  if (/^[\0-\x7f]*$/.test(host)) return host
  const isName = /^[\w.*\x80-\u{10ffff}-]+$/u.test(host)
  return isName ? (URL.parse(`http://${host}`)?.hostname ?? '') : ''
}

const isHostName = (host: string): boolean =>
  host.length <= 253 &&
  !/^[\d.]+$/.test(host) &&
  /^[a-z0-9_][a-z0-9_-]{0,62}(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i.test(host)
