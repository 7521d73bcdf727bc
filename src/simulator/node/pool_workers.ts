/** How the workers of a pool start and end: recycles, idle time-outs, crashes, repairs. */
import { drawMs } from '../farm/chance.ts'
import type { OutageKind, RecycleCause, Sender } from '../farm/true_events.ts'
import { hasWorker, isRunning, type PoolState, type Worker } from './pool_state.ts'

/** A new worker for every old one; nothing happens where there is none, as after an idle stop. */
export function recycle(pool: PoolState, nowMs: number, cause: RecycleCause): void {
  if (!isRunning(pool)) return
  for (const [slot, worker] of pool.slots.entries())
    if (worker !== undefined) replace(pool, slot, nowMs, cause)
}

export function startWorker(pool: PoolState, slot: number, nowMs: number): Worker {
  const worker = spawn(pool, slot, nowMs, 0, pool.nextCause)
  putToWork(pool, worker, nowMs)
  return worker
}

/** Makes a worker serve, and starts its recycle timer, which counts from the worker's own start. */
export function putToWork(pool: PoolState, worker: Worker, nowMs: number): void {
  const { everyMs } = pool.plan.recycle
  pool.slots[worker.slot] = worker
  pool.served = 0
  if (everyMs !== undefined)
    pool.agenda.at(worker.startedMs + everyMs, (atMs) => {
      if (pool.slots[worker.slot] === worker) replace(pool, worker.slot, atMs, 'time')
    })
  expectVisitor(pool, nowMs)
}

function replace(pool: PoolState, slot: number, nowMs: number, cause: RecycleCause): void {
  if (pool.incoming[slot] !== undefined) return
  pool.mode = 'up'
  if (!pool.plan.overlapped) {
    putToWork(pool, spawn(pool, slot, nowMs, drawMs(pool.plan.stopMs, pool.workerChance), cause), nowMs)
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
  pool.noticeUntilMs = nowMs + drawMs(shutdownNotice.forMs, pool.workerChance)
  const { node, noticeUntilMs: toMs } = pool
  pool.log({ kind: 'shutdown_notice', atMs: nowMs, toMs, node, share: shutdownNotice.share })
  pool.onTrouble(nowMs)
}

/** A new process, `waitMs` from now, and what it will cost its first request. */
function spawn(pool: PoolState, slot: number, nowMs: number, waitMs: number, cause: RecycleCause): Worker {
  const { plan, workerChance, node, app } = pool
  const { overlapped, preload: preloaded } = plan
  const upMs = nowMs + waitMs + drawMs(plan.spawnMs, workerChance)
  const coldMs = drawMs(plan.coldMs, workerChance)
  const servesMs = preloaded ? upMs + coldMs : upMs
  const token = workerToken(nowMs, workerChance())
  pool.log({
    kind: 'recycle',
    atMs: nowMs,
    node,
    app,
    cause,
    servesMs,
    worker: slot,
    token,
    overlapped,
    preloaded,
    coldMs: preloaded ? 0 : coldMs,
    ...(cause === 'time' && plan.recycle.everyMs !== undefined && { periodMs: plan.recycle.everyMs }),
  })
  return {
    slot,
    token,
    startedMs: nowMs,
    servesMs,
    coldMs,
    cause,
    warmedBefore: false,
    overflowMs: undefined,
    readyMs: preloaded ? servesMs : undefined,
    answered: 0,
    pathsMs: new Map(preloaded ? [[app, servesMs]] : []),
  }
}

/** What an application shows of its process: process id and start time. */
export function workerToken(startedMs: number, chance: number): string {
  return `${1000 + 4 * Math.floor(chance * 15_000)}-${Math.round(startedMs).toString(36)}`
}

/** Ends every worker at once. */
function dropWorkers(pool: PoolState, nextCause: RecycleCause): void {
  pool.slots.fill(undefined)
  pool.incoming.fill(undefined)
  pool.nextCause = nextCause
}

/** While a worker is cold, asleep or missing, a user or a health check may be the first to ask for it. */
function expectVisitor(pool: PoolState, nowMs: number): void {
  if (pool.visitorDue || !wantsVisitor(pool)) return
  pool.visitorDue = true
  const visitor = pool.visitors.next(nowMs)
  pool.agenda.at(visitor.atMs, (atMs) => {
    pool.visitorDue = false
    if (wantsVisitor(pool)) pool.visit(atMs, visitor.from)
    expectVisitor(pool, atMs)
  })
}

const wantsVisitor = ({ mode, slots }: PoolState): boolean =>
  mode === 'suspended' || (mode === 'up' && slots.some((worker) => worker?.readyMs === undefined))

/** Checks once per idle time-out whether the pool had nothing to do, however many requests there are. */
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
  const ms = pool.plan.idle === undefined ? 0 : drawMs(pool.plan.idle.wakeMs, pool.workerChance)
  pool.mode = 'up'
  for (const worker of pool.slots) if (worker?.readyMs !== undefined) worker.readyMs = nowMs + ms
  pool.log({ kind: 'first_request', atMs: nowMs, node: pool.node, app: pool.app, path, of: 'wake', from, ms })
  watchIdleness(pool)
}

/** Ends every worker; after too many crashes in a short time IIS disables the pool until somebody repairs it. */
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

/** app_offline.htm is there until `toMs`; the application behind it is a new one afterwards. */
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

/** After all workers are gone: an AlwaysRunning pool starts them at once, any other when it gets a request. */
export function comeBack(pool: PoolState, nowMs: number): void {
  pool.mode = 'up'
  if (pool.plan.preload) {
    for (const slot of pool.slots.keys()) startWorker(pool, slot, nowMs)
    watchIdleness(pool)
  }
  expectVisitor(pool, nowMs)
}

function goDown(pool: PoolState, mode: 'offline' | 'disabled', how: OutageKind, nowMs: number, toMs: number) {
  pool.mode = mode
  pool.log({ kind: 'outage', atMs: nowMs, toMs, target: pool.node, how })
  pool.onTrouble(nowMs)
  pool.agenda.at(toMs, (atMs) => {
    if (pool.mode === mode) comeBack(pool, atMs)
  })
}
