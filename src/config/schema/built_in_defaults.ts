/**
 * What a check does when nobody says otherwise, written as in a file: it is read by the schema of checks, merged
 * beneath `defaults`, and printed in the reference, so that the three cannot disagree.
 */
export const builtInCheck = {
  path: '/',
  method: 'GET',
  interval: '5s',
  timezone: 'UTC',
  canary: false,
  timeout: '30s',
  overlap: 4,
  connection: 'fresh',
  cache_bust: true,
  redirects: 'none',
  targets: ['balancer', 'nodes'],
  tls: { insecure: false, min_version: 'TLSv1.2' },
  expect: { status: ['200-399'], body: { min_bytes: 0, max_bytes: '1MiB' } },
  burst: { interval: '250ms', for: '30s' },
} as const

/** The same for reading windows_exporter. */
export const builtInCrosscheck = {
  scheme: 'http',
  port: 9182,
  path: '/metrics?collect[]=iis',
  interval: '15s',
  timeout: '10s',
  tolerance: '2m',
} as const

/** The same for everything that is no check. */
export const builtIn = {
  host: '0.0.0.0',
  port: 9502,
  journalPath: 'data/farmprobe.db',
  journalKeepMs: 90 * 86_400_000,
  dnsRefreshMs: 30_000,
  timezone: 'UTC',
  timeoutOffsetMs: 500,
  maxInFlight: 200,
} as const
