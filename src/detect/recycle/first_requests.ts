/**
 * The first request that each new worker answered, per check: of several that queued, the one that waited longest. Users ask
 * as well, so it is only reported as the first where it must have been: when next to no time lay between what could not
 * reach the new worker yet and our request, or when our request waited as long as first requests take again and again.
 * Otherwise somebody else was first, and it took at least as long.
 */
import { minuteMs } from '../../runtime/duration.ts'
import { greatest } from '../../runtime/extremes.ts'
import type { Baselines } from '../baselines.ts'
import type { Detector, Emit } from '../detector.ts'
import { byCheck, createMemories, wholly } from '../memories.ts'
import { isAnswered, isLong, type RecentAnswer, type RecentAnswers } from '../recent_answers.ts'
import { fieldsOf, listOf, number, type Of, optional } from '../shape.ts'
import type { Identities } from './identities.ts'
import type { KnownRecycle, Recycles } from './recycles.ts'
import { startIn } from './token_times.ts'

/**
 * Answers that waited for the same cold start come within this time of one another, in milliseconds, and of those the
 * one that was asked first may come last.
 */
const settleMs = 1500
/** How long after a recycle the first request of a check may come, in milliseconds. */
const patienceMs = 2 * minuteMs
/** How long before the new worker's first answer a request may have been given up that had waited for it. */
const leadMs = 130_000
/** How much of a first request may be missed, in milliseconds and as a share of it. */
const exact = { ms: 100, share: 0.05 }
/** So many earlier ones of a check are remembered. As many as `alike` must have waited as long, and hardly any longer. */
const remembered = 16
const alike = 3
const longer = { by: 0.1, share: 0.1 }
/** When more than this share of what all nodes were asked just before, in milliseconds, was slow, it is not the start alone. */
const troubled = { forMs: 6000, share: 0.75 }

const firstWait = fieldsOf({
  waitMs: number,
  /** How long before it its worker had started; undefined where that is unknown, hardly before, or it is one of several. */
  leadMs: optional(number),
})

type FirstWait = Of<typeof firstWait>
type Awaited = NonNullable<KnownRecycle['awaited']>

interface Needs {
  readonly answers: RecentAnswers
  readonly baselines: Baselines
  readonly identities: Identities
  readonly recycles: Recycles
}

export function createFirstRequests(
  emit: Emit,
  { answers, baselines, identities, recycles }: Needs,
): Detector {
  /** The first requests of ours to new workers, by check; the newest last. */
  const waits = createMemories(byCheck, wholly(listOf(firstWait)))
  /** Checks that let pools idle out: while they do, hardly anybody asks. */
  let canaries: ReadonlySet<string> = new Set()
  let nodes: readonly string[] = []
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
        const pool = recycle.tokens.length === 0 ? undefined : identities.poolOf(target, check)
        const others = recent.filter((answer) => (pool?.checks ?? [check]).includes(answer.check))
        const several = pool !== undefined && pool.tokens.workers.length > 1
        report(target, first, several, isWhole(recycle, first, others, several))
        baselines.forget(target, recycle.atMs, first.startMs + first.waitMs)
      }
    }
  }

  function report(target: string, first: RecentAnswer, several: boolean, whole: boolean): void {
    const { check, startMs: atMs, waitMs, outcome } = first
    const known = waits.get(check) ?? []
    const measuredMs = outcome?.firstByteMs ?? outcome?.totalMs ?? waitMs
    const isExact = measuredMs - waitMs <= toleranceMs(first)
    const wait = { waitMs, leadMs: several ? undefined : leadOf(first) }
    const isFirst =
      whole || (canaries.has(check) ? !isWarmed(first, known) : isLong(first) && isUsual(wait, known))
    const isOurs = isExact && isFirst && !isTroubled(first)
    const seen = { atMs, target, check, firstByteMs: isOurs ? measuredMs : waitMs }
    emit({
      kind: 'first_request',
      ...seen,
      reason: outcome?.reason ?? 'ok',
      ...(outcome?.traceId !== undefined && { traceId: outcome.traceId }),
      ...(!isOurs && { userFirst: true }),
    })
    known.push(wait)
    known.splice(0, known.length - remembered)
  }

  /** Whether most answers of all nodes were slow just before: what delays them delays this one as well. */
  function isTroubled({ startMs }: RecentAnswer): boolean {
    const before = nodes
      .flatMap((node) => answers.during(node, startMs - troubled.forMs, startMs))
      .filter((each) => each.startMs < startMs)
    return before.filter(isLong).length > troubled.share * before.length
  }

  return {
    ...waits,
    setFarm(scope) {
      waits.setFarm(scope)
      nodes = scope.farm.nodes.map(({ name }) => name)
      canaries = new Set(scope.farm.checks.filter(({ canary }) => canary).map(({ name }) => name))
    },
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
    restore(saved, nowMs) {
      waits.restore(saved, nowMs)
      watchedFromMs = nowMs
    },
    shift(byMs) {
      waits.shift(byMs)
      watchedFromMs -= byMs
    },
  }
}

/** A quick answer before any slow one: the worker is warm, so its first request came while nothing was watched. */
const isWarm = ({ tokens }: KnownRecycle, oldestFirst: readonly RecentAnswer[]): boolean =>
  oldestFirst.find((answer) => isAnswered(answer) && (tokens.length === 0 || isOf(tokens, answer)))
    ?.manner === 'quick'

/** Whether a check's answer, or a request given up, was the first of ours that came to the new worker. */
function isFirst(recycle: KnownRecycle, answer: RecentAnswer, own: readonly RecentAnswer[]): boolean {
  const { tokens, atMs } = recycle
  if (tokens.length === 0) return answer.manner === 'slow' && answer.startMs >= atMs
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

const toleranceMs = ({ waitMs }: Pick<RecentAnswer, 'waitMs'>): number =>
  Math.max(exact.ms, exact.share * waitMs)

/**
 * Whether nobody else can have waited noticeably longer: what was asked just before still met the old worker, or was
 * refused. Where several work side by side, the answer of another one proves nothing.
 */
function isWhole(
  { evidence, tokens, atMs }: KnownRecycle,
  first: RecentAnswer,
  others: readonly RecentAnswer[],
  several: boolean,
): boolean {
  const isKnown = others.some((each) => isOf(tokens, each) && each.startMs < atMs + 1)
  // The worker's first answer is missing where our own lateness blurred it.
  if (evidence === 'identity' && !isKnown) return false
  // What a warm worker answers at once need not be its first: it may have worked beside the old one, or had other pages.
  const isWarm = !isLong(first)
  if (isWarm && others.some((each) => isOf(tokens, each) && each.endMs <= first.startMs)) return false
  const before = others.flatMap((each) => {
    if ((isWarm ? each.endMs : each.startMs) > first.startMs || isOf(tokens, each)) return []
    if (each.outcome?.reason === 'refused') return each.endMs
    const hasStatus = each.manner === 'quick' || (each.outcome?.status ?? 0) > 0
    const isOld = hasStatus && (tokens.length > 0 || each.manner !== 'slow')
    return isOld && !several ? each.startMs : []
  })
  return first.startMs - greatest(before) <= toleranceMs(first)
}

/** Whether first requests of this check take this long again and again: a part of one would be of any length. */
function isUsual(wait: FirstWait, known: readonly FirstWait[]): boolean {
  const { waitMs } = wait
  const near = known.filter(
    (each) => Math.abs(each.waitMs - waitMs) <= exact.share * waitMs && !areInStep(each, wait),
  )
  const above = known.filter((each) => each.waitMs > (1 + longer.by) * waitMs)
  return new Set(near.map((each) => each.waitMs)).size >= alike && above.length <= longer.share * known.length
}

/** Whether the workers of both had started equally long before: then parts of first requests are equally long, too. */
const areInStep = (a: FirstWait, b: FirstWait): boolean =>
  a.leadMs !== undefined && b.leadMs !== undefined && Math.abs(a.leadMs - b.leadMs) <= toleranceMs(b)

/** How long before the request its worker had started, where its token tells that and it was noticeably before. */
function leadOf(first: RecentAnswer): number | undefined {
  const { identity = '', startMs } = first
  const leadMs = startMs - (startIn(identity, startMs) ?? startMs)
  return leadMs > toleranceMs(first) ? leadMs : undefined
}

/** Whether somebody woke the pool before a canary did: it waited less than half as long as most of them. */
const isWarmed = ({ waitMs }: RecentAnswer, known: readonly FirstWait[]): boolean =>
  known.filter((each) => each.waitMs > 2 * waitMs).length > known.length / 2
