/** Pools that break, are taken offline, and come back. */

import type { OutageKind } from '../farm/true_events.ts'
import { watchIdleness } from './idling.ts'
import { isRunning, type PoolState } from './pool_state.ts'
import { dropWorkers, expectVisitor, startWorker } from './recycling.ts'

/**
 * Every worker dies; too many deaths in a short time, and IIS gives the pool up until somebody repairs it.
 */
export function crash(pool: PoolState, nowMs: number): void {
  const { crashes, withinMs, repairMs } = pool.plan.rapidFail
  if (!isRunning(pool)) return
  dropWorkers(pool, 'crash')
  pool.crashesMs = [...pool.crashesMs.filter((atMs) => atMs > nowMs - withinMs), nowMs]
  pool.onTrouble(nowMs)
  if (pool.crashesMs.length < crashes) return comeBack(pool, nowMs)
  pool.crashesMs = []
  goDown(pool, 'disabled', 'pool_disabled', nowMs, nowMs + repairMs)
}

/** app_offline.htm lies there until `toMs`; the application behind it is a new one afterwards. */
export function takeOffline(pool: PoolState, nowMs: number, toMs: number): void {
  if (!isRunning(pool)) return
  dropWorkers(pool, 'deploy')
  goDown(pool, 'offline', 'app_offline', nowMs, toMs)
}

/** The machine goes down, and every worker with it. */
export function powerOff(pool: PoolState): void {
  dropWorkers(pool, 'crash')
  pool.mode = 'off'
}

/** After all workers are gone: an AlwaysRunning pool starts them at once, any other when it is asked. */
export function comeBack(pool: PoolState, nowMs: number): void {
  pool.mode = 'up'
  if (pool.plan.preload) {
    for (const slot of pool.slots.keys()) startWorker(pool, slot, nowMs)
    watchIdleness(pool)
  }
  expectVisitor(pool, nowMs)
}

function goDown(
  pool: PoolState,
  mode: 'offline' | 'disabled',
  how: OutageKind,
  nowMs: number,
  toMs: number,
): void {
  pool.mode = mode
  pool.log({ kind: 'outage', atMs: nowMs, toMs, target: pool.node, how })
  pool.onTrouble(nowMs)
  pool.agenda.at(toMs, (atMs) => {
    if (pool.mode === mode) comeBack(pool, atMs)
  })
}
