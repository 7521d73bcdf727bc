import type { SecureContextOptions } from 'node:tls'

/** TLS, passwords and rate limit of the web interface. */
export interface Protection {
  /** Absent: plain HTTP. */
  readonly tls?: {
    readonly context: SecureContextOptions
    /** HTTP/2 beside HTTP/1.1; decided at the start. */
    readonly http2: boolean
    /** In the words of Prometheus's exporter toolkit, which has them from Go. */
    readonly clientAuth:
      | 'NoClientCert'
      | 'RequestClientCert'
      | 'RequireAnyClientCert'
      | 'VerifyClientCertIfGiven'
      | 'RequireAndVerifyClientCert'
    /** One of them must be a name in the certificate of a client. */
    readonly allowedSans?: readonly string[]
  }
  /** Set on every response; they replace our own of the same name. */
  readonly headers: Readonly<Record<string, string>>
  /** The bcrypt hash of each user's password; empty: no password is needed. */
  readonly users: ReadonlyMap<string, string>
  readonly rateLimit?: { readonly intervalMs: number; readonly burst: number }
}

/** The protection as it is now: the file it comes from may change. */
export interface ProtectionSource {
  /** As it was at the start: this decides whether the server speaks TLS. */
  readonly first: Protection
  current(): Promise<Protection>
}

const none: Protection = { headers: {}, users: new Map() }

/** Plain HTTP, and no password. */
export const unprotected: ProtectionSource = { first: none, current: () => Promise.resolve(none) }
