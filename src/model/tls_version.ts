/** The versions of TLS: the names that Node, Prometheus and Go have for them. */

/** As Node and OpenSSL name them, the oldest first. */
export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

export type TlsVersion = (typeof tlsVersions)[number]

/** As the configuration files of Prometheus and its exporters name them. */
export const prometheusTlsVersions = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
} as const satisfies Readonly<Record<string, TlsVersion>>

/** As Go's crypto/tls prints them, such as `TLS 1.2`; `unknown` for any other. */
export function goTlsVersion(version: string | null): string {
  const minor = (tlsVersions as readonly (string | null)[]).indexOf(version)
  return minor < 0 ? 'unknown' : `TLS 1.${minor}`
}
