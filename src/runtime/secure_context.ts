import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls'

/** TLS settings as PEM texts; what is absent is the system's. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly minVersion: SecureVersion
}

/** What connections with these settings share. Reading a CA bundle takes milliseconds. */
export function secureContext({ ca, cert, key, minVersion }: TlsMaterial): SecureContext {
  const old = minVersion === 'TLSv1' || minVersion === 'TLSv1.1'
  return createSecureContext({
    minVersion,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // OpenSSL 3 offers TLS before 1.2 only at this level, whatever the version asked for.
    ...(old && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
  })
}
