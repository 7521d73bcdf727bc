/** New workers by the tokens in the answers of each node: another check may be another pool's. */
import { type IdentityFinding, identityFindings } from '../../model/event.ts'
import { type Check, intervalMsOf, type Target } from '../../model/farm.ts'
import { endedMs } from '../../model/outcome.ts'
import { minuteMs } from '../../runtime/duration.ts'
import type { Detector, Emit } from '../detector.ts'
import { byNode, createMemories, wholly } from '../memories.ts'
import { fieldsOf, listOf, number, type Of, oneOf, optional, text, time } from '../shape.ts'
import type { Recycles } from './recycles.ts'
import { isChurning, isKnownToken, takeToken, workerTokens } from './worker_tokens.ts'

/** After so long without an answer a new token needs no further proof: a pool idles out meanwhile. */
const usualQuietMs = 5 * minuteMs

/** With fewer answers nothing is concluded from tokens; how often they are looked at. */
const provenAfter = 12
const lookEvery = 8
/** So many tokens that come back are given out again and again. */
const fewReturns = 3
/** A stall of this length may have been a new worker. */
const leastStallMs = 2000
/** A token that never changed is not relied on after so many stalls, and is reported after one more. */
const mostOutlived = 2

/** The workers of one application pool of a node, and the checks that they answer. */
const workerPool = fieldsOf({
  checks: listOf(text),
  tokens: workerTokens,
  /** Since when requests have got no answer. */
  failedMs: optional(time),
  /** Workers known to be new. */
  changes: number,
  /** Stalls that the token outlived. */
  outlived: number,
  /** What was reported about the tokens. */
  reported: listOf(oneOf(identityFindings)),
})

type Pool = Of<typeof workerPool>

export interface Identities extends Detector {
  /**
   * Whether tokens identify workers, so that a worker known by one cannot have been replaced unnoticed: they were seen to
   * change, or differ between nodes, and nothing speaks against them.
   */
  areTrusted(node: string, check: string): boolean
  /** The pool of a node whose workers with tokens answer a check; undefined when none is known. */
  poolOf(node: string, check: string): Pool | undefined
  /** The node whose worker shows a token, or showed it; undefined when none does, or several do. */
  nodeOf(token: string): string | undefined
}

export function createIdentities(emit: Emit, recycles: Recycles): Identities {
  const nodes = createMemories(byNode, wholly(listOf(workerPool)))
  const poolOf = (node: string, check: string) =>
    nodes.get(node)?.find(({ checks }) => checks.includes(check))
  /** The pools of all nodes that answer a check. */
  const poolsOf = (check: string) =>
    [...nodes.all()].flatMap(({ subject, state }) => {
      const pool = state.find(({ checks }) => checks.includes(check))
      return pool === undefined ? [] : [{ target: subject, pool }]
    })

  /** What is wrong with the tokens of a pool, if anything, and the other node that it concerns. */
  function troubleOf(pool: Pool, check: string): { finding: IdentityFinding; other?: string } | undefined {
    if (isChurning(pool.tokens)) return { finding: 'churning' }
    if (pool.tokens.returns >= fewReturns) return { finding: 'returning' }
    const all = poolsOf(check)
    const own = all.find((each) => each.pool === pool)?.target
    if (own !== undefined && namesOnly(pool, own)) return { finding: 'constant' }
    const neverChanged = all.every((each) => each.pool.changes === 0)
    const shared = all.filter((each) => each.pool !== pool && sharesToken(pool, each.pool))
    if (shared.length > 0 && shared.length === all.length - 1 && neverChanged) return { finding: 'constant' }
    if (shared[0] !== undefined) return { finding: 'shared', other: shared[0].target.name }
    const outlived = all.reduce((sum, each) => sum + each.pool.outlived, 0)
    return neverChanged && outlived > mostOutlived ? { finding: 'constant' } : undefined
  }

  /** Reports what is wrong once for each check. */
  function reportTrouble(target: string, check: string, pool: Pool, atMs: number): void {
    const trouble = troubleOf(pool, check)
    if (trouble === undefined) return
    const isKnown = poolsOf(check).some((each) => each.pool.reported.includes(trouble.finding))
    pool.reported = [...new Set([...pool.reported, trouble.finding])]
    if (!isKnown) emit({ kind: 'identity', atMs, target, check, ...trouble })
  }

  return {
    ...nodes,
    observe({ outcome, node, manner, proof }) {
      const { identity: token, startedMs } = outcome
      const pools = node && nodes.get(node.target.name)
      if (node === undefined || pools === undefined) return
      const { target, check } = node
      if (token === undefined) {
        const own = poolOf(target.name, check.name)
        if (own !== undefined && proof === 'failure' && outcome.status === 0) own.failedMs ??= startedMs
        return
      }
      recycles.redate(target.name, token, startedMs)
      const pool = poolShowing(pools, check.name, token)
      const shown = {
        token,
        startedMs,
        quietMs: longQuietMs(check),
        waited: manner === 'slow' || pool.failedMs !== undefined,
      }
      noteStall(pool, token, pool.failedMs, endedMs(outcome))
      pool.failedMs = undefined
      for (const { firstMs: atMs, ...fresh } of takeToken(pool.tokens, shown)) {
        const seen = { check: check.name, atMs, untilMs: endedMs(outcome), ...fresh }
        recycles.add(target.name, { evidence: 'identity', ...seen })
        pool.changes++
      }
      if (pool.tokens.answers % lookEvery === 0) reportTrouble(target.name, check.name, pool, startedMs)
    },
    areTrusted(node, check) {
      const pool = poolOf(node, check)
      if (pool === undefined || pool.tokens.answers < provenAfter || troubleOf(pool, check)) return false
      const all = poolsOf(check)
      return all.length > 1 || all.some((each) => each.pool.changes > 0)
    },
    poolOf,
    nodeOf(token) {
      const showing = [...nodes.all()].filter(({ state }) =>
        state.some(({ tokens }) => isKnownToken(tokens, token)),
      )
      return showing.length === 1 ? showing[0]?.subject.name : undefined
    },
  }
}

/** Counts a time of failures that the only worker outlived, as it seems. Pauses are outlived by workers with right tokens, too. */
function noteStall(pool: Pool, token: string, fromMs: number | undefined, toMs: number): void {
  const { workers } = pool.tokens
  if (fromMs === undefined || toMs - fromMs < leastStallMs) return
  if (workers.length === 1 && workers[0]?.token === token) pool.outlived++
}

/** Whether all that the workers show is the name of their machine, which every one of them shares. */
function namesOnly({ tokens: { workers } }: Pool, { name, host }: Target): boolean {
  const names = new Set([name, host, host.split('.')[0] ?? ''].map((each) => each.toLowerCase()))
  return workers.length > 0 && workers.every(({ token }) => names.has(token.toLowerCase()))
}

/** Whether the workers of two nodes show the same token. */
const sharesToken = ({ tokens: a }: Pool, { tokens: b }: Pool): boolean =>
  a.workers.some(({ token }) => b.workers.some((each) => each.token === token))

/** Checks that are shown the same token are answered by the same workers. */
function poolShowing(pools: Pool[], check: string, token: string): Pool {
  const own = pools.find(({ checks }) => checks.includes(check))
  const shown = pools.find(({ tokens }) => isKnownToken(tokens, token))
  const found = shown ?? own ?? workerPool.empty()
  if (found === own) return found
  found.checks.push(check)
  if (own !== undefined) own.checks = own.checks.filter((each) => each !== check)
  const used = [...new Set([...pools, found])].filter(({ checks }) => checks.length > 0)
  pools.length = 0
  for (const pool of used) pools.push(pool)
  return found
}

/** The interval of a canary check is meant to let the pool idle out. */
function longQuietMs(check: Check): number {
  const intervalMs = intervalMsOf(check)
  return check.canary && intervalMs !== undefined ? Math.min(usualQuietMs, 0.8 * intervalMs) : usualQuietMs
}
