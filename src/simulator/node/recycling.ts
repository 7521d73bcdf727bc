/** Workers come and go: started, put to work, replaced. */
import { drawMs } from '../farm/chance.ts'
import type { RecycleCause } from '../farm/true_events.ts'
import { isRunning, type PoolState } from './pool_state.ts'
import type { Worker } from './worker_process.ts'

/** A new worker for every old one; nothing happens where there is none, as after an idle stop. */
export function recycle(pool: PoolState, nowMs: number, cause: RecycleCause): void {
  if (!isRunning(pool)) return
  for (const [slot, worker] of pool.slots.entries())
    if (worker !== undefined) replace(pool, slot, nowMs, cause)
}

/** Starts the worker of an empty slot. */
export function startWorker(pool: PoolState, slot: number, nowMs: number): Worker {
  const worker = spawn(pool, slot, nowMs, 0, pool.nextCause)
  putToWork(pool, worker, nowMs)
  return worker
}

/** Ends every worker at once. */
export function dropWorkers(pool: PoolState, nextCause: RecycleCause): void {
  pool.slots.fill(undefined)
  pool.incoming.fill(undefined)
  pool.nextCause = nextCause
}

/** Makes a worker serve, and starts its recycle timer, which counts from the worker's own start. */
export function putToWork(pool: PoolState, worker: Worker, nowMs: number): void {
  const { everyMs } = pool.plan.recycle
  pool.slots[worker.slot] = worker
  pool.served = 0
  if (everyMs !== undefined)
    pool.agenda.at(worker.bornMs + everyMs, (atMs) => {
      if (pool.slots[worker.slot] === worker) replace(pool, worker.slot, atMs, 'time')
    })
  expectVisitor(pool, nowMs)
}

/** While a worker is cold, asleep or missing, somebody else than farmprobe may be the first to ask for it. */
export function expectVisitor(pool: PoolState, nowMs: number): void {
  if (pool.visitorDue || !wantsVisitor(pool)) return
  pool.visitorDue = true
  const visitor = pool.visitors.next(nowMs)
  pool.agenda.at(visitor.atMs, (atMs) => {
    pool.visitorDue = false
    if (wantsVisitor(pool)) pool.visit(atMs, visitor.from)
    expectVisitor(pool, atMs)
  })
}

function wantsVisitor(pool: PoolState): boolean {
  if (pool.mode === 'suspended') return true
  return pool.mode === 'up' && pool.slots.some((worker) => worker?.readyMs === undefined)
}

function replace(pool: PoolState, slot: number, nowMs: number, cause: RecycleCause): void {
  if (pool.incoming[slot] !== undefined) return
  pool.mode = 'up'
  if (!pool.plan.overlapped) {
    putToWork(pool, spawn(pool, slot, nowMs, drawMs(pool.plan.stopMs, pool.life), cause), nowMs)
    pool.onTrouble(nowMs)
    return
  }
  const worker = spawn(pool, slot, nowMs, 0, cause)
  pool.incoming[slot] = worker
  pool.agenda.at(worker.servesMs, (atMs) => {
    if (pool.incoming[slot] === worker) takeOver(pool, worker, atMs)
  })
}

function takeOver(pool: PoolState, worker: Worker, nowMs: number): void {
  const { shutdownNotice, hosting } = pool.plan
  pool.incoming[worker.slot] = undefined
  putToWork(pool, worker, nowMs)
  if (shutdownNotice === undefined || hosting === 'classic') return
  pool.noticeUntilMs = nowMs + drawMs(shutdownNotice.forMs, pool.life)
  const { node, noticeUntilMs: toMs } = pool
  pool.log({ kind: 'shutdown_notice', atMs: nowMs, toMs, node, share: shutdownNotice.share })
  pool.onTrouble(nowMs)
}

/** A new process, `waitMs` from now, and what it will cost whom. */
function spawn(pool: PoolState, slot: number, nowMs: number, waitMs: number, cause: RecycleCause): Worker {
  const { plan, life, node, app } = pool
  const upMs = nowMs + waitMs + drawMs(plan.spawnMs, life)
  const coldMs = drawMs(plan.coldMs, life)
  const servesMs = plan.preload ? upMs + coldMs : upMs
  const token = workerToken(nowMs, life())
  const { overlapped, preload: preloaded } = plan
  const cost = { servesMs, worker: slot, token, overlapped, preloaded, coldMs: preloaded ? 0 : coldMs }
  const period =
    cause === 'time' && plan.recycle.everyMs !== undefined ? { periodMs: plan.recycle.everyMs } : {}
  pool.log({ kind: 'recycle', atMs: nowMs, node, app, cause, ...cost, ...period })
  const warmth = preloaded
    ? { readyMs: servesMs, pathsMs: new Map([[app, servesMs]]) }
    : { readyMs: undefined, pathsMs: new Map<string, number>() }
  return {
    slot,
    token,
    bornMs: nowMs,
    servesMs,
    coldMs,
    cause,
    seasoned: false,
    overflowMs: undefined,
    ...warmth,
  }
}

/** What an application shows of its process: process id and start time. */
export function workerToken(bornMs: number, chance: number): string {
  return `${1000 + 4 * Math.floor(chance * 15_000)}-${Math.round(bornMs).toString(36)}`
}
