/** New workers by the tokens in the answers of each node: another check may be another pool's. */
import { type Check, intervalMsOf } from '../../model/farm.ts'
import { endedMs } from '../../model/outcome.ts'
import { minuteMs } from '../../runtime/duration.ts'
import type { Detector } from '../detector.ts'
import { byNodeSeries, createMemories, wholly } from '../memories.ts'
import type { Recycles } from './recycles.ts'
import { areTrusted, isKnownToken, takeToken, workerTokens } from './worker_tokens.ts'

/** After so long without an answer a new token needs no further proof: a pool idles out meanwhile. */
const usualQuietMs = 5 * minuteMs

export interface Identities extends Detector {
  /** Whether tokens are there and make sense, so that a worker known by one cannot have been replaced unnoticed. */
  areTrusted(key: string): boolean
  /** The node whose worker shows a token, or showed it; undefined when none does. */
  nodeOf(token: string): string | undefined
}

export function createIdentities(recycles: Recycles): Identities {
  const states = createMemories(byNodeSeries, wholly(workerTokens))
  return {
    ...states,
    observe({ outcome, node }) {
      const { identity: token, startedMs } = outcome
      const state = node && states.get(node.key)
      if (state === undefined || token === undefined) return
      const { target, check } = node as NonNullable<typeof node>
      const fresh = takeToken(state, token, startedMs, longQuietMs(check))
      if (fresh === undefined) return recycles.redate(target.name, token, startedMs)
      const { firstMs: atMs, confidence } = fresh
      const seen = { check: check.name, atMs, untilMs: endedMs(outcome), confidence, token: fresh.token }
      recycles.add(target.name, { evidence: 'identity', ...seen })
    },
    areTrusted(key) {
      const state = states.get(key)
      return state !== undefined && areTrusted(state)
    },
    nodeOf(token) {
      for (const { subject, state } of states.all())
        if (isKnownToken(state, token)) return subject.target.name
      return undefined
    },
  }
}

/** The interval of a canary check is meant to let the pool idle out. */
function longQuietMs(check: Check): number {
  const intervalMs = intervalMsOf(check)
  return check.canary && intervalMs !== undefined ? Math.min(usualQuietMs, 0.8 * intervalMs) : usualQuietMs
}
