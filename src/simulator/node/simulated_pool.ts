/** An application pool of a simulated node: which of its workers a request reaches, and when work on it begins. */
import { minuteMs } from '../../runtime/duration.ts'
import type { PageName } from '../answer/pages.ts'
import { nextMinuteOfDay } from '../farm/agenda.ts'
import type { PoolPlan } from '../farm/blueprint.ts'
import { drawMs } from '../farm/chance.ts'
import type { Sender } from '../farm/true_events.ts'
import { isRunning, type PoolState, type Surroundings, type Worker } from './pool_state.ts'
import { putToWork, recycle, startWorker, wake, watchIdleness, workerToken } from './pool_workers.ts'

export type Admission =
  | { readonly kind: 'served'; readonly turn: Turn; readonly worker: Worker }
  /** `queued`: it is the answer to waiting for a cold worker. */
  | { readonly kind: 'page'; readonly page: PageName; readonly queued: boolean }
  /** The connection is closed without an answer, so much later. */
  | { readonly kind: 'dropped'; readonly afterMs: number; readonly queued: boolean }

interface Turn {
  readonly beginsMs: number
  /** What the request had to warm up; undefined when it only queued behind another, or found everything warm. */
  readonly firstOf: 'worker' | 'path' | undefined
  /** It waited, or made others wait, for a cold worker. */
  readonly cold: boolean
}

/** How often users' requests are added up, where a pool counts them. */
const countEveryMs = minuteMs

/** How many paths users ask for, about equally: what warms a path that farmprobe also asks for. */
const pathsOfUsers = 20

/** A pool that has been up for a while at `startMs`: one warm worker per moment of `startedMs`. */
export function createPool(
  plan: PoolPlan,
  startMs: number,
  startedMs: readonly number[],
  around: Surroundings,
): PoolState {
  const pool: PoolState = {
    ...around,
    plan,
    mode: 'up',
    slots: startedMs.map(() => undefined),
    incoming: startedMs.map(() => undefined),
    nextCause: 'idle',
    lastRequestMs: startMs,
    served: 0,
    noticeUntilMs: 0,
    crashesMs: [],
    visitorDue: false,
    idlenessWatched: false,
    visit: (nowMs, from) => void admit(pool, nowMs, around.app, from),
  }
  for (const [slot, atMs] of startedMs.entries())
    putToWork(pool, warmWorker(slot, atMs, startMs, around.workerChance()), startMs)
  for (const minute of plan.recycle.atMinutes ?? []) recycleDaily(pool, startMs, minute)
  if (plan.recycle.requests !== undefined) countUsers(pool, startMs)
  watchIdleness(pool)
  return pool
}

const warmWorker = (slot: number, startedMs: number, startMs: number, chance: number): Worker => ({
  slot,
  token: workerToken(startedMs, chance),
  startedMs,
  servesMs: startMs,
  coldMs: 0,
  cause: 'demand',
  readyMs: startMs,
  answered: 0,
  overflowMs: undefined,
  pathsMs: new Map(),
  warmedBefore: true,
})

function recycleDaily(pool: PoolState, afterMs: number, minute: number): void {
  pool.agenda.at(nextMinuteOfDay(minute, afterMs), (nowMs) => {
    recycle(pool, nowMs, 'schedule')
    recycleDaily(pool, nowMs, minute)
  })
}

function countUsers(pool: PoolState, fromMs: number): void {
  pool.agenda.at(fromMs + countEveryMs, (nowMs) => {
    count(pool, nowMs, (pool.visitors.perSecond(nowMs) * countEveryMs) / 1000)
    countUsers(pool, nowMs)
  })
}

function count(pool: PoolState, nowMs: number, requests: number): void {
  pool.served += requests
  if (pool.plan.recycle.requests === undefined || pool.served < pool.plan.recycle.requests) return
  pool.served = 0
  recycle(pool, nowMs, 'requests')
}

/** Takes one request, which may start, wake or recycle a worker. */
export function admit(pool: PoolState, nowMs: number, path: string, from: Sender): Admission {
  const { plan, requestChance: chance } = pool
  pool.lastRequestMs = nowMs
  if (pool.mode === 'offline') return { kind: 'page', page: 'app_offline', queued: false }
  if (pool.mode === 'disabled' || pool.mode === 'off') return unavailable(pool, false)
  if (pool.mode === 'suspended') wake(pool, nowMs, path, from)
  if (nowMs < pool.noticeUntilMs && chance() < (plan.shutdownNotice?.share ?? 0)) {
    const page = plan.hosting === 'in_process' ? 'ancm_shutdown' : 'iis_502'
    return { kind: 'page', page, queued: false }
  }
  const slot = plan.workers === 1 ? 0 : Math.floor(chance() * plan.workers)
  const admission = serve(pool, pool.slots[slot] ?? startOnDemand(pool, slot, nowMs), nowMs, path, from)
  count(pool, nowMs, 1)
  return admission
}

/** A stopped pool, or a full queue: the kernel answers in the worker's place. */
function unavailable({ plan }: PoolState, queued: boolean): Admission {
  return plan.tcpLevel
    ? { kind: 'dropped', afterMs: 0, queued }
    : { kind: 'page', page: 'kernel_503', queued }
}

function startOnDemand(pool: PoolState, slot: number, nowMs: number): Worker {
  const worker = startWorker(pool, slot, nowMs)
  watchIdleness(pool)
  return worker
}

function serve(pool: PoolState, worker: Worker, nowMs: number, path: string, from: Sender): Admission {
  const turn = turnAt(pool, worker, nowMs, path)
  if (turn.firstOf !== undefined) {
    const { node, app } = pool
    const ms = turn.beginsMs - nowMs
    pool.log({ kind: 'first_request', atMs: nowMs, node, app, path, of: turn.firstOf, from, ms })
    if (turn.firstOf === 'worker') startQueue(pool, worker, turn, nowMs)
  }
  if (turn.beginsMs === nowMs) return { kind: 'served', turn, worker }
  return refusal(pool, worker, turn, nowMs) ?? { kind: 'served', turn, worker }
}

/**
 * When work on a request begins. Several that come while the application starts all wait for the same moment, and are
 * released one after another.
 */
function turnAt(pool: PoolState, worker: Worker, nowMs: number, path: string): Turn {
  if (worker.readyMs === undefined) {
    worker.readyMs = Math.max(nowMs, worker.servesMs) + worker.coldMs
    worker.pathsMs.set(path, worker.readyMs)
    return { beginsMs: worker.readyMs, firstOf: 'worker', cold: true }
  }
  const known = worker.pathsMs.get(path) ?? (worker.warmedBefore ? 0 : undefined)
  if (known !== undefined) {
    const warmMs = Math.max(known, worker.readyMs)
    if (warmMs <= nowMs) return { beginsMs: nowMs, firstOf: undefined, cold: false }
    const scatterMs = pool.plan.scatterMs * pool.requestChance()
    return { beginsMs: warmMs + scatterMs, firstOf: undefined, cold: true }
  }
  const userMs = pool.visitors.firstUser(worker.readyMs, nowMs, pathsOfUsers)
  const warmMs = Math.max(worker.readyMs, userMs ?? nowMs) + drawMs(pool.plan.coldPathMs, pool.requestChance)
  worker.pathsMs.set(path, warmMs)
  const firstOf = userMs === undefined ? 'path' : undefined
  return { beginsMs: Math.max(nowMs, warmMs), firstOf, cold: warmMs > nowMs }
}

/** What a worker that is slow at first takes longer for one more request that begins at `atMs`. */
export function warmingMs(
  { plan, visitors, requestChance }: PoolState,
  worker: Worker,
  atMs: number,
): number {
  const { readyMs, warmedBefore } = worker
  if (plan.warmUp === undefined || warmedBefore || readyMs === undefined) return 0
  const users = ((atMs - readyMs) / 1000) * visitors.perSecond(atMs)
  return (
    drawMs(plan.warmUp.extraMs, requestChance) * Math.exp(-(worker.answered++ + users) / plan.warmUp.requests)
  )
}

/** Users queue up behind the first request, until the queue is full. */
function startQueue(pool: PoolState, worker: Worker, turn: Turn, nowMs: number): void {
  pool.onTrouble(nowMs)
  worker.overflowMs = nowMs + (1000 * pool.plan.queueLength) / pool.visitors.perSecond(nowMs)
  if (worker.overflowMs >= turn.beginsMs) return
  pool.agenda.at(worker.overflowMs, (atMs) => {
    if (pool.slots[worker.slot] === worker)
      pool.log({ kind: 'outage', atMs, toMs: turn.beginsMs, target: pool.node, how: 'queue_full' })
  })
}

/** What happens to requests that wait for a worker when they are too many, or when it takes too long. */
function refusal(pool: PoolState, worker: Worker, turn: Turn, nowMs: number): Admission | undefined {
  const { queueTimeoutMs } = pool.plan
  if (worker.overflowMs !== undefined && nowMs > worker.overflowMs) return unavailable(pool, true)
  if (turn.beginsMs - nowMs <= queueTimeoutMs) return undefined
  return { kind: 'dropped', afterMs: queueTimeoutMs, queued: true }
}

/** What a health check that waits `timeoutMs` for its answer would find. */
export function isHealthy(pool: PoolState, nowMs: number, timeoutMs: number): boolean {
  if (!isRunning(pool)) return false
  return pool.slots.every((worker) => (worker?.readyMs ?? nowMs) <= nowMs + timeoutMs)
}
