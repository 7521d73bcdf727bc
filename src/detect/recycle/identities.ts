/** New workers by the tokens in the answers of each node: another check may be another pool's. */
import { type Check, intervalMsOf } from '../../model/farm.ts'
import { endedMs } from '../../model/outcome.ts'
import { minuteMs } from '../../runtime/duration.ts'
import type { Detector } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import { fieldsOf, flag, listOf, type Of, text } from '../shape.ts'
import type { Recycles } from './recycles.ts'
import { isKnownToken, takeToken, workerTokens } from './worker_tokens.ts'

/** After so long without an answer a new token needs no further proof: a pool idles out meanwhile. */
const usualQuietMs = 5 * minuteMs

/** The workers of one application pool of a node, and the checks that they answer. */
const workerPool = fieldsOf({
  checks: listOf(text),
  tokens: workerTokens,
  /** The newest request got no answer. */
  failed: flag,
})

type Pool = Of<typeof workerPool>

export interface Identities extends Detector {
  /** Whether tokens are there and make sense, so that a worker known by one cannot have been replaced unnoticed. */
  areTrusted(node: string, check: string): boolean
  /** The pool of a node whose workers with tokens answer a check; undefined when none is known. */
  poolOf(node: string, check: string): Pool | undefined
  /** The node whose worker shows a token, or showed it; undefined when none does. */
  nodeOf(token: string): string | undefined
}

export function createIdentities(recycles: Recycles): Identities {
  const nodes = createMemories(byNode, wholly(listOf(workerPool)))
  const poolOf = (node: string, check: string) =>
    nodes.get(node)?.find(({ checks }) => checks.includes(check))
  return {
    ...nodes,
    observe({ outcome, node, manner, proof }) {
      const { identity: token, startedMs } = outcome
      const pools = node && nodes.get(node.target.name)
      if (node === undefined || pools === undefined) return
      const { target, check } = node
      if (token === undefined) {
        if (proof === 'failure' && outcome.status === 0) noteFailure(pools, check.name)
        return
      }
      recycles.redate(target.name, token, startedMs)
      const pool = poolShowing(pools, check.name, token)
      const shown = {
        token,
        startedMs,
        quietMs: longQuietMs(check),
        waited: manner === 'slow' || pool.failed,
      }
      pool.failed = false
      for (const { firstMs: atMs, ...fresh } of takeToken(pool.tokens, shown)) {
        const seen = { check: check.name, atMs, untilMs: endedMs(outcome), ...fresh }
        recycles.add(target.name, { evidence: 'identity', ...seen })
      }
    },
    areTrusted(node, check) {
      const { tokens } = poolOf(node, check) ?? {}
      return tokens !== undefined && tokens.answers >= 12
    },
    poolOf,
    nodeOf(token) {
      for (const { subject, state } of nodes.all())
        if (state.some(({ tokens }) => isKnownToken(tokens, token))) return subject.name
      return undefined
    },
  }
}

function noteFailure(pools: Pool[], check: string): void {
  for (const pool of pools) if (pool.checks.includes(check)) pool.failed = true
}

/** Checks that are shown the same token are answered by the same workers. */
function poolShowing(pools: Pool[], check: string, token: string): Pool {
  const own = pools.find(({ checks }) => checks.includes(check))
  const shown = pools.find(({ tokens }) => isKnownToken(tokens, token))
  const found = shown ?? own ?? { ...workerPool.empty() }
  if (found === own) return found
  found.checks.push(check)
  const others = pools.filter((each) => each !== own || each.checks.length > 1)
  if (own !== undefined) own.checks = own.checks.filter((each) => each !== check)
  pools.splice(0, pools.length, ...new Set([...others, found]))
  return found
}

/** The interval of a canary check is meant to let the pool idle out. */
function longQuietMs(check: Check): number {
  const intervalMs = intervalMsOf(check)
  return check.canary && intervalMs !== undefined ? Math.min(usualQuietMs, 0.8 * intervalMs) : usualQuietMs
}
