import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls'

/** TLS settings as PEM texts; what is absent is the system's. */
export interface TlsMaterial {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly minVersion: SecureVersion
  readonly maxVersion?: SecureVersion | undefined
}

/** What connections with these settings share. Reading a CA bundle takes milliseconds. */
export function secureContext({ ca, cert, key, minVersion, maxVersion }: TlsMaterial): SecureContext {
  return createSecureContext({
    minVersion,
    ...(maxVersion !== undefined && { maxVersion }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // OpenSSL 3 offers TLS before 1.2 only at this level, whatever version is asked for.
    ...(minVersion < 'TLSv1.2' && { ciphers: 'DEFAULT:@SECLEVEL=0' }),
  })
}
