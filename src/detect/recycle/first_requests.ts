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
    const isRestored = awaited.untilMs - patienceMs < watchedFromMs
    for (const check of new Set(recent.map((answer) => answer.check))) {
      if (awaited.reported.includes(check)) continue
      const own = recent.filter((answer) => answer.check === check)
      const first = own.find((answer) => isFirst(recycle, answer, own))
      if (isRestored && isWarm(recycle, own)) awaited.reported.push(check)
      else if (first !== undefined && first.endMs <= nowMs - settleMs) {
        awaited.reported.push(check)
        report(target, recycle, first)
      }
    }
  }

  function report(target: string, recycle: KnownRecycle, first: RecentAnswer): void {
    const { check, startMs: atMs, waitMs, outcome } = first
    const firstByteMs = outcome?.firstByteMs ?? outcome?.totalMs ?? waitMs
    emit({ kind: 'first_request', atMs, target, check, firstByteMs, reason: outcome?.reason ?? 'ok' })
    baselines.forget(target, recycle.atMs, atMs + firstByteMs)
  }

  return {
    onEvent(event, nowMs) {
      if (event.kind !== 'recycle') return
      const recycle = recycles.of(event.target).find(({ atMs }) => atMs === event.atMs)
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

/** A quick answer before any slow one: the worker is warm, so its first request came while nothing was watched. */
const isWarm = ({ tokens }: KnownRecycle, oldestFirst: readonly RecentAnswer[]): boolean =>
  oldestFirst.find((answer) => isAnswered(answer) && (tokens.length === 0 || isOf(tokens, answer)))
    ?.manner === 'quick'

/** Whether a check's answer, or a request given up, was the first that came to the new worker. */
function isFirst(recycle: KnownRecycle, answer: RecentAnswer, own: readonly RecentAnswer[]): boolean {
  const { tokens, evidence, atMs } = recycle
  if (tokens.length === 0) {
    if (answer.manner !== 'slow' || answer.startMs < atMs - 1) return false
    return evidence !== 'shutdown_notice' || answer.endMs > atMs
  }
  return isOf(tokens, answer) || (answer.manner === 'hung' && gaveUpWaiting(answer, tokens, own))
}

/** Whether one of the workers gave the answer. */
const isOf = (tokens: readonly string[], { identity }: RecentAnswer): boolean =>
  identity !== undefined && tokens.includes(identity)

/** A request that the new worker would have answered first, had it been waited for. */
function gaveUpWaiting(hung: RecentAnswer, tokens: readonly string[], own: readonly RecentAnswer[]): boolean {
  const next = own.find((each) => isAnswered(each) && each.startMs > hung.startMs)
  return next !== undefined && isOf(tokens, next) && next.startMs - hung.startMs < leadMs
}
