/** What an outcome proves about its target. */
import type { Outcome, Reason } from './outcome.ts'

/** `nothing`: it may be our own fault, and is blamed on nobody. */
export type Proof = 'ok' | 'failure' | 'nothing'

/** Failures that a late reader can cause by itself: they prove nothing when our own loop was late. */
const soft: ReadonlySet<Reason> = new Set([
  'dns',
  'connect_timeout',
  'tls',
  'reset',
  'closed',
  'first_byte_timeout',
  'body_timeout',
  'truncated',
])

/**
 * An answer is proof, also on a suspect sample: a 502 is a 502 however late we read it. A suspect time-out or broken
 * connection is none, and an internal error never is.
 */
export function proofOf(outcome: Outcome): Proof {
  if (outcome.reason === 'ok') return 'ok'
  if (outcome.reason === 'internal') return 'nothing'
  return outcome.suspect && soft.has(outcome.reason) ? 'nothing' : 'failure'
}
