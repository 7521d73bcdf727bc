import { constants } from 'node:crypto'
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureVersion,
} from 'node:tls'

/** TLS settings as PEM texts; what is absent is the system's. */
export interface TlsMaterial {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Speak to servers with weak keys, too, and to those without secure renegotiation. */
  readonly insecure: boolean
  readonly minVersion: SecureVersion
  readonly maxVersion?: SecureVersion | undefined
}

/** What connections with these settings share. Reading a CA bundle takes milliseconds. */
export function secureContext(material: TlsMaterial): SecureContext {
  const { ca, cert, key, insecure, minVersion, maxVersion } = material
  return createSecureContext({
    minVersion,
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // OpenSSL 3 offers TLS before 1.2 and takes weak keys only at this level, whatever version is asked for.
    ...((insecure || minVersion < 'TLSv1.2') && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
    ...(insecure && { secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT }),
  })
}

/**
 * Checks the names of a certificate against a host's, whatever address was dialled. As for browsers and in Go, the
 * common name is none of them, and a wildcard stands for a whole label; Node takes the common name where there is no
 * subject alternative name, and wildcards within a label.
 */
export const namesOf =
  (hostname: string) =>
  (_dialled: string, { subjectaltname, ...certificate }: PeerCertificate) =>
    checkServerIdentity(hostname, {
      ...certificate,
      subject: {},
      subjectaltname: subjectaltname?.replace(partialWildcards, 'DNS:'),
    } as PeerCertificate)

/** What stands in quotes has no name of a host in it, with or without this. */
const partialWildcards = /DNS:(?!\*\.[^*",]*(?:,|$))[^",]*\*[^",]*/g
