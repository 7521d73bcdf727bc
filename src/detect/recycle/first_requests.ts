/** The first request that each new worker answered, per check: of several that queued, the one that waited longest. */
import type { Baselines } from '../baselines.ts'
import type { Detector, Emit } from '../detector.ts'
import { isAnswered, type RecentAnswer, type RecentAnswers } from '../recent_answers.ts'
import type { KnownRecycle, Recycles } from './recycles.ts'

/**
 * Answers that waited for the same cold start come within this time of one another, in milliseconds, and of those the
 * one that was asked first may come last.
 */
const settleMs = 1500
/** How long after a recycle the first request of a check may come, in milliseconds. */
const patienceMs = 120_000
/** How long before the new worker's first answer a request may have been given up that had waited for it. */
const leadMs = 130_000

type Awaited = NonNullable<KnownRecycle['awaited']>

export function createFirstRequests(
  emit: Emit,
  { answers, baselines, recycles }: { answers: RecentAnswers; baselines: Baselines; recycles: Recycles },
): Detector {
  /** What is awaited is kept with the recycles; what came while nothing was watched has not been seen. */
  let watchedFromMs = 0

  function look(target: string, recycle: KnownRecycle, awaited: Awaited, nowMs: number): void {
    awaited.dueMs = nowMs + settleMs
    const recent = answers.during(target, recycle.atMs - leadMs, nowMs).sort((a, b) => a.startMs - b.startMs)
    if (awaited.untilMs - patienceMs < watchedFromMs) giveUpMissed(recycle, awaited, recent)
    for (const { check, startMs: atMs, endMs, waitMs: firstByteMs, outcome } of firstAnswers(
      recycle,
      awaited,
      recent,
    )) {
      if (endMs > nowMs - settleMs) continue
      awaited.reported.push(check)
      emit({ kind: 'first_request', atMs, target, check, firstByteMs, reason: outcome?.reason ?? 'ok' })
      baselines.forget(target, recycle.atMs, atMs + firstByteMs)
    }
  }

  return {
    onEvent(event, nowMs) {
      const recycle = event.kind === 'recycle' ? recycles.of(event.target).at(-1) : undefined
      if (recycle === undefined) return
      const untilMs = Math.max(nowMs, recycle.atMs) + patienceMs
      recycle.awaited = { dueMs: nowMs + settleMs, untilMs, reported: [] }
    },
    advance(nowMs) {
      for (const { node, recycle } of recycles.awaited()) {
        const { awaited } = recycle
        if (awaited === undefined) continue
        if (nowMs >= Math.max(awaited.dueMs, watchedFromMs + settleMs)) look(node, recycle, awaited, nowMs)
        if (nowMs >= awaited.untilMs) recycle.awaited = undefined
      }
    },
    setFarm: () => undefined,
    save: () => undefined,
    restore(_, nowMs) {
      watchedFromMs = nowMs
    },
    shift(byMs) {
      watchedFromMs -= byMs
    },
  }
}

/** The first answer to each check whose first request is not reported yet. */
function firstAnswers(
  recycle: KnownRecycle,
  { reported }: Awaited,
  oldestFirst: readonly RecentAnswer[],
): Iterable<RecentAnswer> {
  const found = new Map<string, RecentAnswer>()
  for (const answer of oldestFirst)
    if (!reported.includes(answer.check) && !found.has(answer.check) && isFirst(recycle, answer, oldestFirst))
      found.set(answer.check, answer)
  return found.values()
}

/** A quick answer before any slow one: the worker is warm, so its first request came while nothing was watched. */
function giveUpMissed(
  { tokens }: KnownRecycle,
  { reported }: Awaited,
  oldestFirst: readonly RecentAnswer[],
): void {
  const met = new Set<string>()
  for (const answer of oldestFirst) {
    const { check, manner } = answer
    if (!isAnswered(answer) || met.has(check) || (tokens.length > 0 && !isOf(tokens, answer))) continue
    met.add(check)
    if (manner === 'quick') reported.push(check)
  }
}

function isFirst(
  { tokens, evidence, atMs }: KnownRecycle,
  answer: RecentAnswer,
  all: readonly RecentAnswer[],
): boolean {
  if (tokens.length === 0) {
    if (answer.manner !== 'slow' || answer.startMs < atMs - 1) return false
    return evidence !== 'shutdown_notice' || answer.endMs > atMs
  }
  if (isOf(tokens, answer)) return true
  return answer.manner === 'hung' && gaveUpWaiting(answer, tokens, all)
}

/** Whether one of the workers gave the answer. */
const isOf = (tokens: readonly string[], { identity }: RecentAnswer): boolean =>
  identity !== undefined && tokens.includes(identity)

/** A request that the new worker would have answered first, had it been waited for. */
function gaveUpWaiting(hung: RecentAnswer, tokens: readonly string[], all: readonly RecentAnswer[]): boolean {
  const next = all.find(
    (each) => isAnswered(each) && each.check === hung.check && each.startMs > hung.startMs,
  )
  return next !== undefined && isOf(tokens, next) && next.startMs - hung.startMs < leadMs
}
