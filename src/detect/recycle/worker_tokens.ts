/**
 * Which worker processes answer one check on one node, by the tokens they show. One worker shows one token for its lifetime; a
 * web garden shows several in turn, and that is normal. A token never seen before is a new worker.
 */
import { fieldsOf, flag, listOf, number, type Of, optional, text, time } from '../shape.ts'

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
/** So many new tokens within so many answers are no workers: the token changes with every request. */
const churnTokens = 8
const churnAnswers = 32

const worker = fieldsOf({
  token: text,
  /** When the first answer with it started. */
  firstMs: time,
  lastMs: time,
  /** Serial number of the newest answer with it. */
  lastAnswer: number,
})

const retiredWorker = fieldsOf({ token: text, atMs: time, revivals: number })

/** A new worker of which it is not yet clear whether it replaces or joins the others. */
const newcomer = fieldsOf({ token: text, olds: listOf(text), answer: number })

/** The last replacement: while none of the old workers is seen, more new tokens belong to it. */
const swap = fieldsOf({ atMs: time, olds: listOf(text), answer: number, oldSeen: flag })

export const workerTokens = fieldsOf({
  workers: listOf(worker),
  retired: listOf(retiredWorker),
  answers: number,
  /** Serial number of the newest answer that showed a new token. */
  newestToken: number,
  /** Serial numbers of the answers that showed new tokens, the newest last. */
  arrivals: listOf(number),
  newcomer: optional(newcomer),
  swap: optional(swap),
})

type WorkerTokens = Of<typeof workerTokens>

/** A new worker: when the first answer known to be its own started, wall milliseconds. */
interface NewWorker {
  readonly token: string
  readonly firstMs: number
  readonly confidence: number
}

/** Whether tokens are there and make sense, so that a worker known by one cannot have been replaced unnoticed. */
export const areTrusted = (state: WorkerTokens): boolean =>
  state.workers.length > 0 && state.answers >= provenAfter && !churning(state)

/** Whether a worker shows a token, or one of the last ones showed it. */
export const isKnownToken = ({ workers, retired }: WorkerTokens, token: string): boolean =>
  [...workers, ...retired].some((worker) => worker.token === token)

/**
 * Takes in the token of one answer; gives the new worker when that is what it shows. `quietMs` is after what time
 * without an answer a pool may have idled out.
 */
export function takeToken(
  state: WorkerTokens,
  token: string,
  startedMs: number,
  quietMs: number,
): NewWorker | undefined {
  state.answers++
  const known = state.workers.find((each) => each.token === token)
  if (known === undefined) return unknownToken(state, token, startedMs, quietMs)
  known.lastMs = Math.max(known.lastMs, startedMs)
  known.firstMs = Math.min(known.firstMs, startedMs)
  known.lastAnswer = state.answers
  return state.newcomer === undefined && state.swap === undefined
    ? undefined
    : reconsider(state, token, startedMs)
}

function unknownToken(
  state: WorkerTokens,
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
  if (!quiet) state.arrivals = [...state.arrivals, state.answers].slice(-churnTokens)
  state.newestToken = state.answers
  state.workers.push({ token, firstMs: startedMs, lastMs: startedMs, lastAnswer: state.answers })
  if (olds.length === 0 || churning(state)) return undefined
  if (belongsToSwap(state)) return undefined
  if (!known) {
    state.newcomer ??= { token, olds, answer: state.answers }
    return undefined
  }
  // The number of a dead process may be given out again: that is a new worker too, only a little less surely.
  return replaced(state, token, startedMs, olds, retired === undefined ? 0.99 : 0.8)
}

const newestAnswerMs = (state: WorkerTokens): number =>
  state.workers.reduce((newest, { lastMs }) => Math.max(newest, lastMs), Number.NEGATIVE_INFINITY)

/** A replaced worker finishes what it had, which is nothing new; one that goes on taking requests is taken back. */
function lateAnswer(state: WorkerTokens, retired: Of<typeof retiredWorker>, startedMs: number): void {
  if (state.swap !== undefined && startedMs > state.swap.atMs + sideBySideMs) state.swap.oldSeen = true
  if (startedMs > retired.atMs + revivedMs) retired.revivals++
  if (retired.revivals < 2) return
  state.retired = state.retired.filter((known) => known !== retired)
  const { token } = retired
  state.workers.push({ token, firstMs: startedMs, lastMs: startedMs, lastAnswer: state.answers })
}

function churning(state: WorkerTokens): boolean {
  const oldest = state.arrivals[state.arrivals.length - churnTokens]
  return (
    oldest !== undefined &&
    state.answers - oldest < churnAnswers * 2 &&
    state.newestToken - oldest < churnAnswers
  )
}

function belongsToSwap(state: WorkerTokens): boolean {
  const { swap } = state
  if (swap === undefined || swap.olds.length < 2 || swap.oldSeen) return false
  return state.answers - swap.answer <= provenAfter * swap.olds.length
}

/** Another answer of a known worker: it may settle whether the newcomer joined the others or replaced them. */
function reconsider(state: WorkerTokens, token: string, startedMs: number): NewWorker | undefined {
  const { newcomer, swap } = state
  if (swap?.olds.includes(token) && startedMs > swap.atMs + sideBySideMs) swap.oldSeen = true
  if (state.answers % provenAfter === 0) retireAbsent(state, startedMs)
  if (newcomer === undefined) return undefined
  const fresh = state.workers.find((known) => known.token === newcomer.token)
  const joined =
    fresh === undefined || (newcomer.olds.includes(token) && startedMs > fresh.firstMs + sideBySideMs)
  if (!joined && state.answers - newcomer.answer < 8 * newcomer.olds.length) return undefined
  state.newcomer = undefined
  return joined ? undefined : replaced(state, fresh.token, fresh.firstMs, newcomer.olds, 0.9)
}

function replaced(
  state: WorkerTokens,
  token: string,
  firstMs: number,
  olds: string[],
  confidence: number,
): NewWorker {
  if (olds.length === 1) retire(state, olds, firstMs)
  state.swap = { atMs: firstMs, olds, answer: state.answers, oldSeen: false }
  return { token, firstMs, confidence }
}

function retire(state: WorkerTokens, tokens: readonly string[], atMs: number): void {
  state.workers = state.workers.filter((worker) => !tokens.includes(worker.token))
  const retired = tokens.map((token) => ({ token, atMs, revivals: 0 }))
  state.retired = [...state.retired, ...retired].slice(-rememberedRetired)
}

function retireAbsent(state: WorkerTokens, nowMs: number): void {
  const patience = goneAfter * state.workers.length
  const absent = state.workers.filter(
    (worker) => state.answers - worker.lastAnswer > patience && nowMs - worker.lastMs > leastAbsenceMs,
  )
  const tokens = absent.map(({ token }) => token)
  if (tokens.length > 0) retire(state, tokens, nowMs)
  if (state.swap !== undefined && state.answers - state.swap.answer > patience) state.swap = undefined
}
