/** Failures in words. */
import type { Reason } from './outcome.ts'

/** Those that do not say it themselves. */
const reasonWords: Readonly<Partial<Record<Reason, string>>> = {
  dns: 'name not found',
  connect_timeout: 'no connection in time',
  tls: 'TLS failed',
  closed: 'closed without an answer',
  protocol: 'not HTTP',
  first_byte_timeout: 'no answer in time',
  body_timeout: 'no complete answer in time',
  truncated: 'cut off',
  too_large: 'too large',
  status: 'wrong status',
  auth: 'credentials not accepted',
  header: 'wrong header',
  body: 'wrong content',
  warming: 'warming up',
  slow: 'too slow',
  redirect: 'wrong redirect',
  internal: 'fault of farmprobe',
}

/** By status code or reason, the most first: `7 × 504, 1 × no answer in time`. */
export const failureCounts = (counts: Readonly<Record<string, number | undefined>>): string =>
  Object.entries(counts)
    .sort(([, a = 0], [, b = 0]) => b - a)
    .map(([code, count]) => `${count} × ${reasonWords[code as Reason] ?? code}`)
    .join(', ')
