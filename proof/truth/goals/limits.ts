/**
 * The names of the goals, and the scenarios that cannot reach one, with the reason and with what they must reach
 * instead: a figure below that is a defect all the same.
 */

import type { ScenarioName } from '../jobs.ts'

export type GoalName =
  | 'recall with identity'
  | 'precision with identity'
  | 'recall without identity'
  | 'precision without identity'
  | 'false recycles a node year'
  | 'outages found'
  | 'outage lengths within 300 ms'
  | 'blame right of named'
  | 'blame known'
  | 'troubles told as incidents'
  | 'incidents of real troubles'
  | 'incidents neither merged nor split'
  | 'culprit of incidents right'
  | 'blamed though nobody was to blame'

interface Limit {
  /** The share that must be reached instead. */
  readonly least: number
  readonly reason: string
}

type Limits = Partial<Record<ScenarioName, Partial<Record<GoalName, Limit>>>>

const allAtOnce = {
  least: 0.85,
  reason:
    'every node at once: where their answers happen to come together, it looks like a database that all wait for',
}

export const limits: Limits = {
  'recycles in the same second': { 'recall without identity': allAtOnce },
  'configuration push': { 'recall without identity': allAtOnce },
  'web garden': {
    'recall without identity': {
      least: 0,
      reason:
        'three warm workers answer beside the cold one, so only one answer in four is slow: from outside that is a slow page',
    },
  },
  'idle terminate': {
    'recall without identity': {
      least: 0,
      reason:
        'only a canary asks, twice an hour, and it is slow all night: from outside that is a page that is slow at night',
    },
  },
  'idle second application': {
    'recall without identity': {
      least: 0,
      reason:
        'only a canary asks and nearly every answer is a cold start: there is nothing warm to compare it with',
    },
  },
  'slow page, short patience': {
    'blame known': {
      least: 0,
      reason:
        'a single answer of a warm node was slow, on the balancer only, and its 502 does not say whose it was',
    },
  },
}
