/** The first request that a new worker answered, per check: of several that queued, the one that waited longest. */

import type { Reason } from '../../model/outcome.ts'
import type { Sighting } from '../recent_answers.ts'
import type { ToldRecycle } from './recycle.ts'

/**
 * Answers that waited for the same cold start come within this time of one another, in milliseconds, and of those the
 * one that was asked first may come last.
 */
const settleMs = 1500
/** How long after a recycle the first request of a check may come, in milliseconds. */
const patienceMs = 120_000
/** How long before the new worker's first answer a request may have been given up that had waited for it. */
const leadMs = 130_000

export interface FirstAnswer {
  readonly check: string
  readonly atMs: number
  readonly firstByteMs: number
  readonly reason: Reason
}

/** The wait for the first requests after one recycle. */
export interface FirstRequests {
  readonly recycle: ToldRecycle
  readonly told: Set<string>
  dueMs: number
  readonly untilMs: number
  /** It was awaited before a restart: what came until then has not been seen. */
  readonly restored?: true
}

/** The wait, as far as it is worth keeping across a restart; plain JSON. */
export interface SavedFirstRequests {
  /** When its recycle was, which names it. */
  readonly recycledMs: number
  readonly told: readonly string[]
  readonly untilMs: number
}

export const saveFirstRequests = ({ recycle, told, untilMs }: FirstRequests): SavedFirstRequests => ({
  recycledMs: recycle.atMs,
  told: [...told],
  untilMs,
})

/** The waits that go on after a restart; those that are over, or whose recycle is forgotten, do not. */
export function restoreFirstRequests(
  saved: readonly SavedFirstRequests[],
  recycles: readonly ToldRecycle[],
  restoredMs: number,
): FirstRequests[] {
  return saved.flatMap(({ recycledMs, told, untilMs }) => {
    const recycle = recycles.find(({ atMs }) => atMs === recycledMs)
    if (recycle === undefined || untilMs <= restoredMs) return []
    return [{ recycle, told: new Set(told), dueMs: restoredMs + settleMs, untilMs, restored: true as const }]
  })
}

export function expectFirstRequests(recycle: ToldRecycle, nowMs: number): FirstRequests {
  return {
    recycle,
    told: new Set(),
    dueMs: nowMs + settleMs,
    untilMs: Math.max(nowMs, recycle.atMs) + patienceMs,
  }
}

/** From when a node's sightings are wanted by `firstAnswers`, wall milliseconds. */
export const sightingsFromMs = ({ recycle }: FirstRequests): number => recycle.atMs - leadMs

/** The first answers that have come, the others that waited with them as well, and not been told yet. */
export function firstAnswers(
  expected: FirstRequests,
  sightings: readonly Sighting[],
  nowMs: number,
): FirstAnswer[] {
  expected.dueMs = nowMs + settleMs
  const found = new Map<string, Sighting>()
  const oldestFirst = [...sightings].sort((a, b) => a.startMs - b.startMs)
  if (expected.restored) giveUpMissed(expected, oldestFirst)
  for (const sighting of oldestFirst)
    if (
      !expected.told.has(sighting.check) &&
      !found.has(sighting.check) &&
      isFirst(expected, sighting, oldestFirst)
    )
      found.set(sighting.check, sighting)
  const settled = [...found.values()].filter(({ endMs }) => endMs <= nowMs - settleMs)
  for (const { check } of settled) expected.told.add(check)
  return settled.map(({ check, startMs, waitMs, outcome }) => ({
    check,
    atMs: startMs,
    firstByteMs: waitMs,
    reason: outcome?.reason ?? 'ok',
  }))
}

/** A quick answer before any slow one: the worker is warm, so that its first came while nobody watched. */
function giveUpMissed({ recycle: { tokens }, told }: FirstRequests, oldestFirst: readonly Sighting[]): void {
  const met = new Set<string>()
  for (const sighting of oldestFirst) {
    const { check, manner } = sighting
    const answered = manner === 'quick' || manner === 'slow'
    if (!answered || met.has(check) || (tokens.length > 0 && !isOf(tokens, sighting))) continue
    met.add(check)
    if (manner === 'quick') told.add(check)
  }
}

function isFirst(expected: FirstRequests, sighting: Sighting, all: readonly Sighting[]): boolean {
  const { tokens, evidence, atMs } = expected.recycle
  if (tokens.length === 0) {
    if (sighting.manner !== 'slow' || sighting.startMs < atMs - 1) return false
    return evidence !== 'shutdown_notice' || sighting.endMs > atMs
  }
  if (isOf(tokens, sighting)) return true
  return sighting.manner === 'hung' && gaveUpWaiting(sighting, tokens, all)
}

/** Whether one of the workers gave the answer. */
const isOf = (tokens: readonly string[], { identity }: Sighting): boolean =>
  identity !== undefined && tokens.includes(identity)

/** A request that the new worker would have answered first, had it been waited for. */
function gaveUpWaiting(hung: Sighting, tokens: readonly string[], all: readonly Sighting[]): boolean {
  const next = all.find(
    ({ manner, check, startMs }) =>
      (manner === 'quick' || manner === 'slow') && check === hung.check && startMs > hung.startMs,
  )
  return next !== undefined && isOf(tokens, next) && next.startMs - hung.startMs < leadMs
}
