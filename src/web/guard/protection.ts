import type { SecureContextOptions } from 'node:tls'

/** How the pages are protected. */
export interface Protection {
  /** Absent: plain HTTP. */
  readonly tls?: {
    readonly context: SecureContextOptions
    /** HTTP/2 beside HTTP/1.1; what was so at the start goes on. */
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
  /** Set on every response, in the place of our own of the same name. */
  readonly headers: Readonly<Record<string, string>>
  /** The bcrypt hash of each user's password; empty: nobody is asked who they are. */
  readonly users: ReadonlyMap<string, string>
  readonly rateLimit?: { readonly intervalMs: number; readonly burst: number }
}

/** Where the protection that holds at this moment comes from. */
export interface ProtectionSource {
  /** What held when the server was started: whether it speaks TLS is settled by this. */
  readonly first: Protection
  current(): Promise<Protection>
}

const none: Protection = { headers: {}, users: new Map() }

/** Anybody may read, over plain HTTP. */
export const unprotected: ProtectionSource = { first: none, current: () => Promise.resolve(none) }
