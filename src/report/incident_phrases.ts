/** The words for incidents, in the report and on the command line. */
import { failureCounts } from '../model/failure_words.ts'
import type { Cause, Incident } from '../model/incident.ts'
import { formatSpan } from '../runtime/duration.ts'
import { printable } from '../runtime/printable.ts'

/** What users had of it. */
export const impactPhrase = ({ impact, closedMs }: Incident): string =>
  impact === 'users'
    ? `users ${closedMs === null ? 'get' : 'got'} errors`
    : `users ${closedMs === null ? 'notice' : 'noticed'} nothing`

const causeWords: Readonly<Record<Cause, string>> = {
  recycle: 'recycled',
  cold_start: 'started cold',
  node_down: 'was down',
  timeout: 'was slower than the balancer waits',
  balancer: 'failed, while the nodes answered',
  link: 'could not be reached by the balancer',
  stale_connection: 'had closed a connection that the balancer used again',
  overload: 'had more requests than it could take',
  unknown: 'failed, and why is not known',
}

/** What one node, the balancer or several did: `web01 started cold`. */
export function blamePhrase(node: string, cause: Cause): string {
  if (node === 'unknown') return 'nobody can be blamed for sure'
  if (node === 'several') return `several nodes ${causeWords[cause].replace(/^was /, 'were ')}`
  if (node === 'balancer' && cause === 'stale_connection')
    return 'the balancer used a connection again that a node had closed'
  return `${node === 'balancer' ? 'the balancer' : printable(node)} ${causeWords[cause]}`
}

/** `7 × 504, 1 × no answer in time`; empty where the balancer never failed. */
export const errorsPhrase = (errors: Incident['errors']): string => printable(failureCounts(errors))

/** From its first sign to its last, or to `nowMs`. */
export const lengthPhrase = ({ openedMs, closedMs }: Incident, nowMs: number): string =>
  closedMs === null
    ? `${formatSpan(Math.max(0, nowMs - openedMs))} so far`
    : formatSpan(Math.max(0, closedMs - openedMs))

/** A share in percent. Some is never rounded to none, nor most to all. */
export function sharePhrase(part: number, whole: number): string {
  if (part === 0 || part === whole) return `${part === 0 ? 0 : 100} %`
  return `${Math.min(99.9, Math.max(0.1, Number(((100 * part) / whole).toPrecision(2))))} %`
}
