/** The recycles of one node: whatever evidence shows one, and however many checks see it, it is told once. */
import type { RecycleEvidence } from '../../model/event.ts'
import type { Outcome, Proof } from '../../model/outcome.ts'

/** Recycles remembered, for habits, deploys and the blame for balancer errors. */
const remembered = 32
/** Evidence this close together is of the same recycle. */
const sameMs = 60_000
/** Waits that begin so long after the last of one cold start are of the next, in milliseconds. */
const anewMs = 5000
/** The old application's farewell may come this long before the new worker's first answer. */
const farewellMs = 5 * 60_000

/** Evidence of a new worker. */
export interface Sign {
  readonly evidence: RecycleEvidence
  /** When the worker changed, as well as can be told, wall milliseconds. */
  readonly atMs: number
  /** Until when it was felt. */
  readonly untilMs: number
  /** 0 to 1. */
  readonly confidence: number
  /** The check whose answer was as slow as a cold start, when that is the evidence. */
  readonly coldCheck?: string
  /** The pool was seen stopped or stopping: whoever answered before is gone. */
  readonly stopped?: true
  /** The new worker's token, when that is the evidence. */
  readonly token?: string
}

export interface ToldRecycle extends Sign {
  atMs: number
  /** The new workers' tokens, as far as known: one of each of its checks' pools. */
  readonly tokens: string[]
  /** The checks whose answers were as slow as a cold start. */
  readonly coldChecks: string[]
  /** The newest evidence of it. */
  lastMs: number
}

export interface RecycleState {
  told: ToldRecycle[]
}

export const createRecycles = (): RecycleState => ({ told: [] })

/** The recycle that a sign makes known; undefined when it has been told already. */
export function tellRecycle(state: RecycleState, sign: Sign): ToldRecycle | undefined {
  const same = state.told.findLast((told) => isSame(told, sign))
  if (same !== undefined) {
    same.lastMs = Math.max(same.lastMs, sign.untilMs)
    if (sign.token !== undefined) same.tokens.push(sign.token)
    if (sign.coldCheck !== undefined) same.coldChecks.push(sign.coldCheck)
    return undefined
  }
  const tokens = sign.token === undefined ? [] : [sign.token]
  const coldChecks = sign.coldCheck === undefined ? [] : [sign.coldCheck]
  const told = { ...sign, tokens, coldChecks, lastMs: sign.untilMs }
  state.told.push(told)
  if (state.told.length > remembered) state.told.shift()
  return told
}

/** Takes in an answer of a worker: when its request came before the one that made the worker known, it is older. */
export function redateRecycle({ told }: RecycleState, token: string, startedMs: number): void {
  const newest = told.at(-1)
  if (newest === undefined || startedMs >= newest.atMs || newest.evidence !== 'identity') return
  if (newest.tokens.includes(token)) newest.atMs = startedMs
}

function isSame(told: ToldRecycle, sign: Sign): boolean {
  if (sign.token !== undefined && told.tokens.includes(sign.token)) return true
  if (sign.evidence === 'identity')
    return told.tokens.length === 0 && sign.atMs > told.atMs - sameMs && sign.atMs < told.lastMs + farewellMs
  if (isNext(told, sign)) return false
  return sign.untilMs > told.atMs - sameMs && sign.atMs < told.lastMs + sameMs
}

/** A worker has its first request of a check once, and one that has had it can be stopped: then another comes. */
function isNext(told: ToldRecycle, { coldCheck, stopped, atMs }: Sign): boolean {
  if (atMs <= told.lastMs + anewMs) return false
  return stopped ? told.coldChecks.length > 0 : coldCheck !== undefined && told.coldChecks.includes(coldCheck)
}

/**
 * The sign that a node's error answer is by itself: the ASP.NET Core Module says that the application is being shut
 * down. Reason phrases exist on HTTP/1.1 only, which is what is spoken here.
 */
export function shutdownNotice(outcome: Outcome, proof: Proof): Sign | undefined {
  if (proof !== 'failure') return undefined
  if (outcome.status !== 503 || outcome.evidence?.statusText !== 'Server has been shutdown') return undefined
  const { startedMs } = outcome
  return { evidence: 'shutdown_notice', atMs: startedMs, untilMs: startedMs, stopped: true, confidence: 0.97 }
}

/** Moves what was told back in time, after the wall clock was set back. */
export function shiftRecycles(state: RecycleState, byMs: number): void {
  state.told = state.told.map((told) => ({
    ...told,
    atMs: told.atMs - byMs,
    untilMs: told.untilMs - byMs,
    lastMs: told.lastMs - byMs,
  }))
}
