/** Addresses as text. */
import type { Site } from '../model/farm.ts'

/** `host:port`; an IPv6 address in brackets. */
export const hostPort = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

const defaultPorts = { http: 80, https: 443 } as const

/** The address users reach, with its port only when it is not the scheme's own. */
export const siteUrl = ({ scheme, hostname, port }: Site): string =>
  `${scheme}://${hostname}${port === defaultPorts[scheme] ? '' : `:${port}`}`
