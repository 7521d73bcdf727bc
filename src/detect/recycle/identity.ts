/**
 * Which worker processes answer on one node, by the tokens they show. One worker shows one token for its lifetime; a
 * web garden shows several in turn, and that is normal. A token never seen before is a new worker.
 */

/** Answers without a new token until the number of workers counts as known, for each worker. */
const provenAfter = 12
/** A worker not seen in this many answers for each worker, and for `leastAbsenceMs`, is gone. */
const goneAfter = 30
const leastAbsenceMs = 60_000
/** An old worker still finishes its requests for this long after it was replaced: IIS's shutdown limit is 90 s. */
const overlapMs = 120_000
/** An old worker's answer to a request that came this long after the new worker's first: they work side by side. */
const sideBySideMs = 2000
/** A worker given up as replaced that takes new requests this long after, twice, was only joined by another. */
const revivedMs = 10_000
const rememberedRetired = 32
/** After so long without an answer a new token needs no further proof: a pool idles out meanwhile. */
export const longQuietMs = 5 * 60_000
/** So many new tokens within so many answers are no workers: the token changes with every request. */
const churnTokens = 8
const churnAnswers = 32

interface Worker {
  readonly token: string
  /** When the first answer with it started, wall milliseconds. */
  firstMs: number
  lastMs: number
  /** Serial number of the newest answer with it. */
  lastAnswer: number
}

/** A new worker of which it is not yet clear whether it replaces or joins the others. */
interface Newcomer {
  readonly token: string
  readonly olds: readonly string[]
  readonly answer: number
}

/** The last replacement: while none of the old workers is seen, more new tokens belong to it. */
interface Swap {
  readonly atMs: number
  readonly olds: readonly string[]
  readonly answer: number
  oldSeen: boolean
}

export interface IdentityState {
  workers: Worker[]
  retired: { readonly token: string; readonly atMs: number; revivals: number }[]
  answers: number
  /** Serial number of the newest answer that showed a new token. */
  newestToken: number
  /** Serial numbers of the answers that showed new tokens, the newest last. */
  arrivals: number[]
  newcomer: Newcomer | undefined
  swap: Swap | undefined
}

/** A new worker: when the first answer known to be its own started, wall milliseconds. */
export interface NewWorker {
  readonly token: string
  readonly firstMs: number
  readonly confidence: number
}

export function createIdentity(): IdentityState {
  return {
    workers: [],
    retired: [],
    answers: 0,
    newestToken: 0,
    arrivals: [],
    newcomer: undefined,
    swap: undefined,
  }
}

/** Whether tokens are there and make sense, so that a worker known by one cannot have been replaced unnoticed. */
export const identityIsTrusted = (state: IdentityState): boolean =>
  state.workers.length > 0 && state.answers >= provenAfter && !churning(state)

/**
 * Takes in the token of one answer; tells of a new worker when that is what it shows. `quietMs` is after what time
 * without an answer a pool may have idled out.
 */
export function observeIdentity(
  state: IdentityState,
  token: string,
  startedMs: number,
  quietMs = longQuietMs,
): NewWorker | undefined {
  state.answers++
  const worker = state.workers.find((known) => known.token === token)
  if (worker === undefined) return unknownToken(state, token, startedMs, quietMs)
  if (startedMs > worker.lastMs) worker.lastMs = startedMs
  if (startedMs < worker.firstMs) worker.firstMs = startedMs
  worker.lastAnswer = state.answers
  return state.newcomer === undefined && state.swap === undefined
    ? undefined
    : reconsider(state, worker, startedMs)
}

function unknownToken(
  state: IdentityState,
  token: string,
  startedMs: number,
  quietMs: number,
): NewWorker | undefined {
  const retired = state.retired.find((known) => known.token === token)
  if (retired !== undefined && startedMs < retired.atMs + overlapMs) {
    lateAnswer(state, retired, startedMs)
    return undefined
  }
  state.retired = state.retired.filter((known) => known !== retired)
  const olds = state.workers.map((worker) => worker.token)
  const quiet = startedMs - newestAnswerMs(state) > quietMs
  const known = quiet || state.answers - state.newestToken > provenAfter * olds.length
  if (!quiet) noteArrival(state)
  state.newestToken = state.answers
  state.workers.push({ token, firstMs: startedMs, lastMs: startedMs, lastAnswer: state.answers })
  if (olds.length === 0 || churning(state)) return undefined
  if (belongsToSwap(state)) return undefined
  if (!known) return startDoubt(state, token, olds)
  // The number of a dead process may be given out again: that is a new worker too, only a little less surely.
  return replaced(state, token, startedMs, olds, retired === undefined ? 0.99 : 0.8)
}

const newestAnswerMs = (state: IdentityState): number =>
  state.workers.reduce((newest, { lastMs }) => Math.max(newest, lastMs), Number.NEGATIVE_INFINITY)

/** A replaced worker finishes what it had, which is nothing new; one that goes on taking requests is taken back. */
function lateAnswer(
  state: IdentityState,
  retired: IdentityState['retired'][number],
  startedMs: number,
): void {
  if (state.swap !== undefined && startedMs > state.swap.atMs + sideBySideMs) state.swap.oldSeen = true
  if (startedMs > retired.atMs + revivedMs) retired.revivals++
  if (retired.revivals < 2) return
  state.retired = state.retired.filter((known) => known !== retired)
  const { token } = retired
  state.workers.push({ token, firstMs: startedMs, lastMs: startedMs, lastAnswer: state.answers })
}

function noteArrival(state: IdentityState): void {
  state.arrivals.push(state.answers)
  if (state.arrivals.length > churnTokens) state.arrivals.shift()
}

function churning(state: IdentityState): boolean {
  const oldest = state.arrivals[state.arrivals.length - churnTokens]
  return (
    oldest !== undefined &&
    state.answers - oldest < churnAnswers * 2 &&
    state.newestToken - oldest < churnAnswers
  )
}

function belongsToSwap(state: IdentityState): boolean {
  const { swap } = state
  if (swap === undefined || swap.olds.length < 2 || swap.oldSeen) return false
  return state.answers - swap.answer <= provenAfter * swap.olds.length
}

function startDoubt(state: IdentityState, token: string, olds: readonly string[]): undefined {
  state.newcomer ??= { token, olds, answer: state.answers }
}

/** Another answer of a known worker: it may settle whether the newcomer joined the others or replaced them. */
function reconsider(state: IdentityState, worker: Worker, startedMs: number): NewWorker | undefined {
  const { newcomer, swap } = state
  if (swap?.olds.includes(worker.token) && startedMs > swap.atMs + sideBySideMs) swap.oldSeen = true
  if (state.answers % provenAfter === 0) retireAbsent(state, startedMs)
  if (newcomer === undefined) return undefined
  const fresh = state.workers.find((known) => known.token === newcomer.token)
  if (fresh === undefined) state.newcomer = undefined
  else if (newcomer.olds.includes(worker.token) && startedMs > fresh.firstMs + sideBySideMs)
    state.newcomer = undefined
  else if (state.answers - newcomer.answer >= 8 * newcomer.olds.length) {
    state.newcomer = undefined
    return replaced(state, fresh.token, fresh.firstMs, newcomer.olds, 0.9)
  }
  return undefined
}

function replaced(
  state: IdentityState,
  token: string,
  firstMs: number,
  olds: readonly string[],
  confidence: number,
): NewWorker {
  if (olds.length === 1) retire(state, olds, firstMs)
  state.swap = { atMs: firstMs, olds, answer: state.answers, oldSeen: false }
  return { token, firstMs, confidence }
}

function retire(state: IdentityState, tokens: readonly string[], atMs: number): void {
  state.workers = state.workers.filter((worker) => !tokens.includes(worker.token))
  state.retired.push(...tokens.map((token) => ({ token, atMs, revivals: 0 })))
  state.retired = state.retired.slice(-rememberedRetired)
}

function retireAbsent(state: IdentityState, nowMs: number): void {
  const patience = goneAfter * state.workers.length
  const absent = state.workers.filter(
    (worker) => state.answers - worker.lastAnswer > patience && nowMs - worker.lastMs > leastAbsenceMs,
  )
  if (absent.length > 0)
    retire(
      state,
      absent.map((worker) => worker.token),
      nowMs,
    )
  if (state.swap !== undefined && state.answers - state.swap.answer > patience) state.swap = undefined
}

/** Whether a token is, or was, one of this node's workers. */
export const tokenIsOf = (state: IdentityState, token: string): boolean =>
  state.workers.some((worker) => worker.token === token) ||
  state.retired.some((worker) => worker.token === token)

/** Moves what is known back in time, after the wall clock was set back. */
export function shiftIdentity(state: IdentityState, byMs: number): void {
  for (const worker of state.workers) {
    worker.firstMs -= byMs
    worker.lastMs -= byMs
  }
  state.retired = state.retired.map((each) => ({ ...each, atMs: each.atMs - byMs }))
  state.swap = undefined
  state.newcomer = undefined
}
