/** Pools that have nothing to do: stopped, or paged out and woken. */
import { drawMs } from '../farm/chance.ts'
import type { Sender } from '../farm/true_events.ts'
import { hasWorker, type PoolState } from './pool_state.ts'
import { dropWorkers, expectVisitor } from './recycling.ts'

/** One look per idle time-out is enough, however many requests there are. */
export function watchIdleness(pool: PoolState): void {
  const { idle } = pool.plan
  if (idle === undefined || pool.idlenessWatched) return
  pool.idlenessWatched = true
  pool.agenda.at(pool.lastRequestMs + idle.afterMs, (atMs) => {
    pool.idlenessWatched = false
    if (pool.mode !== 'up' || !hasWorker(pool)) return
    pool.lastRequestMs = pool.visitors.last(pool.lastRequestMs, atMs) ?? pool.lastRequestMs
    if (pool.lastRequestMs + idle.afterMs > atMs) watchIdleness(pool)
    else goIdle(pool, atMs, idle.action)
  })
}

function goIdle(pool: PoolState, nowMs: number, action: 'terminate' | 'suspend'): void {
  pool.log({ kind: 'idle', atMs: nowMs, node: pool.node, app: pool.app, action })
  if (action === 'suspend') pool.mode = 'suspended'
  else dropWorkers(pool, 'idle')
  expectVisitor(pool, nowMs)
}

/** Pages the workers in again, for a request that has to wait for it. */
export function wake(pool: PoolState, nowMs: number, path: string, from: Sender): void {
  const ms = pool.plan.idle === undefined ? 0 : drawMs(pool.plan.idle.wakeMs, pool.life)
  pool.mode = 'up'
  for (const worker of pool.slots) if (worker?.readyMs !== undefined) worker.readyMs = nowMs + ms
  pool.log({ kind: 'first_request', atMs: nowMs, node: pool.node, app: pool.app, path, of: 'wake', from, ms })
  watchIdleness(pool)
}
