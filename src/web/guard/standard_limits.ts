import type { ServerOptions } from 'node:http'
import type { ServerSessionOptions } from 'node:http2'
import type { Rate } from '../../runtime/token_bucket.ts'

export interface Limits {
  /** Open connections; beyond them idle ones are closed. */
  readonly connections: number
  /** Of one client, by its address. */
  readonly connectionsOfOne: number
  /** How often one client may open another. */
  readonly newConnections: Rate
  /** How often one client may take back what it asks for over HTTP/2; beyond it its connections are ended. */
  readonly resets: Rate
  /** For a TLS handshake, in milliseconds, as are the others. */
  readonly handshakeMs: number
  /** From the beginning of a connection or of a request to the end of its headers. */
  readonly headersMs: number
  /** The whole request. */
  readonly requestMs: number
  /** How often the two are enforced. */
  readonly checkEveryMs: number
  /** Longer than the usual scrape interval, so that scrapes reuse their connection. */
  readonly idleMs: number
  /** A client that reads nothing of an answer for this long is dropped. */
  readonly stalledMs: number
  readonly headerBytes: number
}

/** The limits in use. */
export const standardLimits: Limits = {
  connections: 1024,
  connectionsOfOne: 256,
  newConnections: { burst: 200, intervalMs: 20 },
  resets: { burst: 200, intervalMs: 100 },
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 30_000,
  checkEveryMs: 5000,
  idleMs: 75_000,
  stalledMs: 120_000,
  headerBytes: 16 * 1024,
}

/** The limits in HTTP/2's options. 32 streams are more than a browser or a scraper uses at once. */
export const http2Options = (limits: Limits): ServerSessionOptions => ({
  settings: { maxConcurrentStreams: 32, maxHeaderListSize: limits.headerBytes },
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
})

/** The limits in the options of Node's servers. */
export const serverOptions = (limits: Limits): ServerOptions => ({
  headersTimeout: limits.headersMs,
  requestTimeout: limits.requestMs,
  connectionsCheckingInterval: limits.checkEveryMs,
  keepAliveTimeout: limits.idleMs,
  maxHeaderSize: limits.headerBytes,
  noDelay: true,
  // The adapter refuses a request without a host, with our headers.
  requireHostHeader: false,
})
