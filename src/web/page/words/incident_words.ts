/** The words for incidents. */
import type { Cause } from '../../../model/incident.ts'
import type { Reason } from '../../../model/outcome.ts'
import type { Incident } from '../state/known_incidents.ts'
import { failureWords, type Tone } from './words.ts'

interface ImpactWords {
  readonly tone: Tone
  readonly present: string
  readonly past: string
  readonly short: string
}

export const impactWords: Readonly<Record<Incident['impact'], ImpactWords>> = {
  users: { tone: 'bad', present: 'Users get errors', past: 'Users got errors', short: 'got errors' },
  hidden: {
    tone: 'slow',
    present: 'Users notice nothing',
    past: 'Users noticed nothing',
    short: 'noticed nothing',
  },
}

const causeWords: Readonly<Record<Cause, string>> = {
  recycle: 'recycled',
  cold_start: 'started cold',
  node_down: 'was down',
  timeout: 'was slower than the balancer waits',
  balancer: 'failed, while the nodes answered',
  link: 'could not be reached by the balancer',
  stale_connection: 'had closed a connection that the balancer used again',
  overload: 'had more requests than it could take',
  unknown: 'failed',
}

/** Who it was, in words that begin a sentence or stand alone. */
export function culpritWords(node: string): string {
  if (node === 'balancer') return 'the balancer'
  if (node === 'several') return 'several nodes'
  return node === 'unknown' ? 'nobody for sure' : node
}

/** Who did what: the culprit is set in bold, the rest follows it. */
export function whatHappened({ node, cause }: Incident): readonly [culprit: string, rest: string] {
  if (node === 'unknown') return ['Nobody', 'can be blamed for sure']
  if (node === 'balancer' && cause === 'stale_connection')
    return ['The balancer', 'used a connection again that a node had closed']
  const culprit = node === 'balancer' ? 'The balancer' : node === 'several' ? 'Several nodes' : node
  const words = node === 'several' ? causeWords[cause].replace(/^was /, 'were ') : causeWords[cause]
  return [culprit, words]
}

export const causeAlone = ({ cause }: Incident): string =>
  cause === 'unknown' ? 'not known' : causeWords[cause]

/** `7 × 504, 1 × no answer in time` */
export const errorWords = ({ errors }: Incident): string =>
  Object.entries(errors)
    .sort(([, a], [, b]) => b - a)
    .map(([code, times]) => `${times} × ${/^\d+$/.test(code) ? code : failureWords(code as Reason)}`)
    .join(', ')

/** How sure a conclusion is. */
export function confidenceWords(confidence: number): string {
  if (confidence >= 0.99) return 'certain'
  if (confidence >= 0.95) return 'almost certain'
  if (confidence >= 0.75) return 'likely'
  return confidence >= 0.5 ? 'possible' : 'not known'
}

/** Never more than is known: 99.7 % is not all. */
export const confidencePercent = (confidence: number): string =>
  confidence >= 0.99 ? 'over 99 %' : `${Math.round(confidence * 100)} %`
