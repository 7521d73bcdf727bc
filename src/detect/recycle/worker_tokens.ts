/**
 * Which worker processes answer one check on one node, by the tokens they show. One worker shows one token for its lifetime; a
 * web garden shows several in turn, and that is normal. A token never seen before is a new worker, or one that was there
 * all along. Of k + 1 workers that share the requests evenly, one stays unseen in n answers with probability (k / (k + 1))^n.
 */
import { greatest } from '../../runtime/extremes.ts'
import { fieldsOf, flag, listOf, number, type Of, optional, text, time } from '../shape.ts'
import { oddsOfStart, startedTogether, startIn, sureOdds, togetherMs } from './token_times.ts'
import { absenceOdds, nextTurn, workersAtWork } from './worker_turns.ts'

/** A new worker is reported when it is this sure. */
const reportedFrom = 0.9
/** The most that a token proves. */
const surest = 0.99
/** How much likelier it is, before anything is known, that a worker was there all along than that it has just started. */
const hiddenOdds = 10
/** How much likelier a new worker's first answer is as slow as a start than that of one that was there. */
const waitedOdds = 30
/** All old workers are gone when none is seen in so many answers for each. */
const swapAnswers = 4
/** A worker that would have been seen earlier with all but this probability came later than the others of its web garden. */
const swapFrom = 0.05
/** A worker is given up when it is so many times likelier gone than silent. */
const goneFrom = 1e5
/** An old worker still finishes its requests for this long after it was replaced: IIS's shutdown limit is 90 s. */
const overlapMs = 120_000
/** A worker given up as replaced that takes new requests this long after, twice, was only joined by another. */
const revivedMs = 10_000
/** So many new tokens in a row that are never seen again identify nobody. */
const churningFrom = 4
/** Memory is bounded, whatever is shown. */
const most = { workers: 64, retired: 32, newcomers: 8 }

const worker = fieldsOf({
  token: text,
  /** When the first answer with it started. */
  firstMs: time,
  lastMs: time,
  /** Serial numbers of the oldest and the newest answer with it. */
  firstAnswer: number,
  lastAnswer: number,
  answers: number,
})

const retiredWorker = fieldsOf({
  token: text,
  atMs: time,
  revivals: number,
  /** Nothing is known but that it has not answered for long. */
  absent: flag,
})

/** A new worker of which it is not clear yet which of the earlier ones it replaces, if any. */
const newcomer = fieldsOf({
  token: text,
  firstMs: time,
  answer: number,
  /** How many earlier workers there were, and those of them that have not been seen since. */
  of: number,
  olds: listOf(text),
  /** The odds that it replaced one, at its first answer. */
  odds: number,
  waited: flag,
  reported: flag,
})

export const workerTokens = fieldsOf({
  workers: listOf(worker),
  retired: listOf(retiredWorker),
  newcomers: listOf(newcomer),
  answers: number,
  /** The start of the first answer. */
  sinceMs: optional(time),
  /** Serial number of the answer since which no worker has shown itself that was there before. */
  completeFrom: number,
  /** Answers from one of a worker to its next: moving average, and how many are known. */
  turn: number,
  turns: number,
  /** Tokens that came back long after their workers were replaced. */
  returns: number,
})

type WorkerTokens = Of<typeof workerTokens>
type Newcomer = Of<typeof newcomer>
type Worker = Of<typeof worker>

/** A new worker: when the first answer known to be its own started, wall milliseconds. */
interface NewWorker {
  readonly token: string
  readonly firstMs: number
  readonly confidence: number
  /** When the newest request was sent that the only worker before it answered. */
  readonly aliveMs?: number | undefined
}

/** Whether the token changes with every answer, which says nothing about workers. */
export const isChurning = ({ workers }: WorkerTokens): boolean =>
  workers.length > churningFrom && workers.slice(-churningFrom).every(({ answers }) => answers === 1)

/** Whether a worker shows a token, or one of the last ones showed it. */
export const isKnownToken = ({ workers, retired }: WorkerTokens, token: string): boolean =>
  [...workers, ...retired].some((worker) => worker.token === token)

/** One answer. */
interface Shown {
  readonly token: string
  /** When its request was sent, wall milliseconds. */
  readonly startedMs: number
  /** It came after so long without one that the pool may have idled out. */
  readonly quietMs: number
  /** It was as slow as a start, or the requests before it had failed. */
  readonly waited: boolean
}

/** Takes in the token of one answer; gives the new workers that it makes known. */
export function takeToken(state: WorkerTokens, shown: Shown): NewWorker[] {
  const { token, startedMs } = shown
  state.answers++
  state.sinceMs ??= startedMs
  const known = state.workers.find((each) => each.token === token)
  if (known === undefined) return unknownToken(state, shown)
  state.turn = nextTurn(state, state.answers - known.lastAnswer)
  state.turns++
  known.lastMs = Math.max(known.lastMs, startedMs)
  known.lastAnswer = state.answers
  known.answers++
  // An old worker that answers what came later works beside the new one.
  for (const each of state.newcomers)
    if (startedMs > each.firstMs) each.olds = each.olds.filter((old) => old !== token)
  return settle(state)
}

function unknownToken(state: WorkerTokens, shown: Shown): NewWorker[] {
  const { token, startedMs, quietMs, waited } = shown
  const retired = state.retired.find((each) => each.token === token)
  if (retired !== undefined && (retired.absent || startedMs < retired.atMs + overlapMs)) {
    lateAnswer(state, retired, startedMs)
    return []
  }
  state.retired = state.retired.filter((each) => each !== retired)
  if (retired !== undefined) state.returns++
  const olds = state.workers.map((each) => each.token)
  const isQuiet = olds.length > 0 && startedMs - newestAnswerMs(state) > quietMs
  const isRepeated = state.workers.at(-1)?.answers !== 1
  const seenOdds = isQuiet ? sureOdds : (isRepeated ? oddsOfNew(state) : 0.1) * (waited ? waitedOdds : 1)
  const startMs = startIn(token, startedMs)
  const odds = seenOdds * oddsOfStart(startMs, state.sinceMs)
  const isSwap = startMs === undefined ? belongsToSwap(state, shown) : startedTogether(olds, startMs)
  addWorker(state, token, startedMs)
  if (olds.length === 0) state.completeFrom = state.answers
  if (olds.length === 0 || isSwap) return []
  const fresh = { token, firstMs: startedMs, answer: state.answers, olds, odds, waited }
  state.newcomers = [...state.newcomers, { ...fresh, of: olds.length, reported: false }].slice(
    -most.newcomers,
  )
  return settle(state)
}

function addWorker(state: WorkerTokens, token: string, atMs: number): void {
  const { answers: serial } = state
  const fresh = { token, firstMs: atMs, lastMs: atMs, firstAnswer: serial, lastAnswer: serial, answers: 1 }
  state.workers = [...state.workers, fresh].slice(-most.workers)
}

const oddsOfNew = (state: WorkerTokens): number =>
  absenceOdds(atWork(state), state.answers - state.completeFrom) / hiddenOdds

const atWork = (state: WorkerTokens): number => workersAtWork(state.workers.length, state)

const newestAnswerMs = (state: WorkerTokens): number =>
  state.workers.reduce((newest, { lastMs }) => Math.max(newest, lastMs), Number.NEGATIVE_INFINITY)

/**
 * When nobody answered before a new worker did, all workers of a web garden were replaced at once: as long as no old one is
 * seen, other new ones are of the same recycle. Otherwise each is one, unless they are seen together.
 */
function belongsToSwap({ newcomers, workers, answers }: WorkerTokens, { startedMs, waited }: Shown): boolean {
  const last = newcomers.at(-1)
  if (last === undefined || last.of === 1 || last.olds.length < last.of) return false
  if (startedMs < last.firstMs + togetherMs) return true
  if (waited || !last.waited) return false
  const fresh = workers.filter(({ firstMs }) => firstMs >= last.firstMs)
  const missed = answers - 1 - greatest(fresh.map(({ firstAnswer }) => firstAnswer))
  return (fresh.length / (fresh.length + 1)) ** missed >= swapFrom
}

/** A replaced worker finishes what it had, which is nothing new; one that goes on taking requests is taken back. */
function lateAnswer(state: WorkerTokens, retired: Of<typeof retiredWorker>, startedMs: number): void {
  if (startedMs > retired.atMs + revivedMs) retired.revivals++
  if (retired.revivals < 2 && !retired.absent) return
  state.retired = state.retired.filter((known) => known !== retired)
  addWorker(state, retired.token, startedMs)
}

/** Decides about the newcomers what is known by now: which replaced a worker, and which joined the others. */
function settle(state: WorkerTokens): NewWorker[] {
  if (isChurning(state)) state.newcomers = []
  const found: NewWorker[] = []
  /** Newcomers that replaced workers, less the workers that are gone. */
  let replacing = 0
  for (const each of state.newcomers) {
    if (each.olds.length === 0 && !each.reported)
      state.completeFrom = Math.max(state.completeFrom, each.answer)
    const odds = each.odds * oddsOfLeaving(state, each)
    const confidence = Math.min(surest, odds / (1 + odds))
    if (!each.reported && (confidence >= reportedFrom || replacing < 0)) {
      each.reported = true
      found.push({
        token: each.token,
        firstMs: each.firstMs,
        confidence: Math.max(reportedFrom, confidence),
        aliveMs: each.of > 1 ? undefined : state.workers.find(({ token }) => token === each.olds[0])?.lastMs,
      })
    }
    if (each.reported) replacing++
    const isSwap = each.olds.length === each.of && state.answers - each.answer >= swapAnswers * atWork(state)
    if (each.reported && (isSwap || each.olds.length <= replacing)) {
      replacing -= each.olds.length
      retire(state, each.olds, each.firstMs)
    }
  }
  const others = atWork(state) - 1
  const isAbsent = ({ lastAnswer }: Worker) => absenceOdds(others, state.answers - lastAnswer) >= goneFrom
  const absent = state.workers.filter(isAbsent).map(({ token }) => token)
  retire(state, absent, newestAnswerMs(state), true)
  state.newcomers = state.newcomers.filter(({ olds }) => olds.length > 0)
  return found
}

/** How much likelier the answers since a newcomer's first are when one of the earlier workers is gone. */
function oddsOfLeaving(state: WorkerTokens, { olds, of }: Newcomer): number {
  const others = atWork(state) - 1
  const absent = state.workers.filter(({ token }) => olds.includes(token))
  const odds = absent.map(({ lastAnswer }) => absenceOdds(others, state.answers - lastAnswer - 1))
  return odds.reduce((sum, each) => sum + each, 0) / of
}

function retire(state: WorkerTokens, tokens: readonly string[], atMs: number, absent = false): void {
  state.workers = state.workers.filter((each) => !tokens.includes(each.token))
  for (const each of state.newcomers) each.olds = each.olds.filter((old) => !tokens.includes(old))
  const retired = tokens.map((token) => ({ token, atMs, revivals: 0, absent }))
  state.retired = [...state.retired, ...retired].slice(-most.retired)
}
