/**
 * The outages of one target and check: unbroken runs of failures, by when the probes started, not by when they ended.
 *
 *   start   0    5    10   15   20            probes time out after 30 s
 *   end     30!  35!  40!  15.1 20.1          the answers of 15 and 20 are known before the failures of 0, 5 and 10
 *           [------------->                   one outage of 15 s, told when the probe of slot 10 is back
 */
import type { Outcome, Proof, Reason } from '../model/outcome.ts'
import { missingBefore, type Slots } from './open_slots.ts'

/** Successes remembered, to date the end of an outage whose failures arrive late. */
const remembered = 32
/** A success that took longer than this was queued; others that started before it may come within the same time. */
const queuedMs = 500

interface Outage {
  /** When its first failure started, wall milliseconds. */
  readonly openedMs: number
  /** The last success before it started here; undefined when none was seen. */
  readonly okBeforeMs: number | undefined
  readonly lastFailureMs: number
  readonly reason: Reason
  readonly detail: string
  readonly failures: Readonly<Partial<Record<Reason, number>>>
}

export type OutageState =
  | { readonly kind: 'up' }
  | { readonly kind: 'down'; readonly outage: Outage }
  /** Over, but probes that started during it are still on their way. */
  | {
      readonly kind: 'recovered'
      readonly outage: Outage
      readonly okMs: number
      /** When the success that was asked for first, of those known, came. */
      readonly seenMs: number
    }

export type OutageChange =
  | { readonly kind: 'opened'; readonly outage: Outage }
  /** `okMs`: when the first success after it started. */
  | { readonly kind: 'closed'; readonly outage: Outage; readonly okMs: number }

export interface OutageTracker {
  state: OutageState
  readonly okStarts: Float64Array
  okCount: number
  newestOkMs: number
  /** Until where outages have been reported; later news of that time is not told again. */
  reportedToMs: number
}

/** A tracker of a target that has not been probed yet. */
export function createOutageTracker(): OutageTracker {
  return {
    state: { kind: 'up' },
    okStarts: new Float64Array(remembered),
    okCount: 0,
    newestOkMs: Number.NEGATIVE_INFINITY,
    reportedToMs: Number.NEGATIVE_INFINITY,
  }
}

const none: readonly OutageChange[] = []

/** Takes in one outcome; `slots` are the ticks of the same target and check, which this one has been noted in. */
export function observeOutage(
  tracker: OutageTracker,
  outcome: Outcome,
  proof: Proof,
  slots: Slots,
  nowMs: number,
): readonly OutageChange[] {
  if (proof === 'nothing') return none
  if (proof === 'failure') return failed(tracker, outcome, slots, nowMs)
  rememberOk(tracker, outcome.startedMs)
  return tracker.state.kind === 'up' ? none : recovering(tracker, outcome.startedMs, slots, nowMs)
}

/** Closes an outage that only waited for probes that are not coming back. */
export function advanceOutage(tracker: OutageTracker, slots: Slots, nowMs: number): readonly OutageChange[] {
  const { state } = tracker
  if (state.kind !== 'recovered') return none
  const { okBeforeMs = state.outage.openedMs } = state.outage
  if (state.seenMs - state.okMs > queuedMs && nowMs < state.seenMs + queuedMs) return none
  if (missingBefore(slots, okBeforeMs, state.okMs, nowMs)) return none
  return close(tracker, state.outage, state.okMs)
}

function failed(
  tracker: OutageTracker,
  outcome: Outcome,
  slots: Slots,
  nowMs: number,
): readonly OutageChange[] {
  const { state } = tracker
  const { startedMs } = outcome
  if (state.kind === 'up') return open(tracker, outcome, slots, nowMs)
  const { outage } = state
  if (state.kind === 'recovered' && startedMs > state.okMs)
    return [...close(tracker, outage, state.okMs), ...open(tracker, outcome, slots, nowMs)]
  const okBetween = startedMs < outage.openedMs ? firstOkAfter(tracker, startedMs) : undefined
  // A late failure of an outage before this one: told at once, unless that time has been told of.
  if (okBetween !== undefined && okBetween < outage.openedMs) return tellPast(tracker, outcome, okBetween)
  tracker.state = { ...state, outage: extend(outage, outcome) }
  return none
}

function open(
  tracker: OutageTracker,
  outcome: Outcome,
  slots: Slots,
  nowMs: number,
): readonly OutageChange[] {
  const { startedMs, reason, detail } = outcome
  if (startedMs < tracker.reportedToMs) return none
  const outage: Outage = {
    openedMs: startedMs,
    okBeforeMs: lastOkBefore(tracker, startedMs),
    lastFailureMs: startedMs,
    reason,
    detail,
    failures: { [reason]: 1 },
  }
  tracker.state = { kind: 'down', outage }
  const okMs = startedMs < tracker.newestOkMs ? firstOkAfter(tracker, startedMs) : undefined
  const closed = okMs === undefined ? none : recovering(tracker, okMs, slots, nowMs)
  return [{ kind: 'opened', outage }, ...closed]
}

function tellPast(tracker: OutageTracker, outcome: Outcome, okMs: number): readonly OutageChange[] {
  const { startedMs, reason, detail } = outcome
  if (startedMs < tracker.reportedToMs) return none
  const okBeforeMs = lastOkBefore(tracker, startedMs)
  const failures = { [reason]: 1 }
  const outage = { openedMs: startedMs, okBeforeMs, lastFailureMs: startedMs, reason, detail, failures }
  tracker.reportedToMs = okMs
  return [
    { kind: 'opened', outage },
    { kind: 'closed', outage, okMs },
  ]
}

function extend(outage: Outage, { startedMs, reason, detail }: Outcome): Outage {
  const earlier = startedMs < outage.openedMs
  return {
    openedMs: Math.min(outage.openedMs, startedMs),
    okBeforeMs: outage.okBeforeMs,
    lastFailureMs: Math.max(outage.lastFailureMs, startedMs),
    reason: earlier ? reason : outage.reason,
    detail: earlier ? detail : outage.detail,
    failures: { ...outage.failures, [reason]: (outage.failures[reason] ?? 0) + 1 },
  }
}

/** A success that started during the outage had only been queued: it ends nothing. */
function recovering(
  tracker: OutageTracker,
  okMs: number,
  slots: Slots,
  nowMs: number,
): readonly OutageChange[] {
  const { state } = tracker
  if (state.kind === 'up' || okMs <= state.outage.lastFailureMs) return none
  if (state.kind === 'down' || okMs < state.okMs)
    tracker.state = { kind: 'recovered', outage: state.outage, okMs, seenMs: nowMs }
  return advanceOutage(tracker, slots, nowMs)
}

function close(tracker: OutageTracker, outage: Outage, okMs: number): readonly OutageChange[] {
  tracker.state = { kind: 'up' }
  tracker.reportedToMs = okMs
  return [{ kind: 'closed', outage, okMs }]
}

function rememberOk(tracker: OutageTracker, startedMs: number): void {
  tracker.okStarts[tracker.okCount % remembered] = startedMs
  tracker.okCount++
  if (startedMs > tracker.newestOkMs) tracker.newestOkMs = startedMs
}

function firstOkAfter(tracker: OutageTracker, atMs: number): number | undefined {
  let first: number | undefined
  for (let index = 0; index < Math.min(tracker.okCount, remembered); index++) {
    const startMs = tracker.okStarts[index] as number
    if (startMs > atMs && (first === undefined || startMs < first)) first = startMs
  }
  return first
}

function lastOkBefore(tracker: OutageTracker, atMs: number): number | undefined {
  let last: number | undefined
  for (let index = 0; index < Math.min(tracker.okCount, remembered); index++) {
    const startMs = tracker.okStarts[index] as number
    if (startMs < atMs && (last === undefined || startMs > last)) last = startMs
  }
  return last
}

/** Moves an open outage back in time, after the wall clock was set back, and forgets the rest. */
export function shiftOutage(tracker: OutageTracker, byMs: number): void {
  tracker.okCount = 0
  tracker.newestOkMs = Number.NEGATIVE_INFINITY
  tracker.reportedToMs = Number.NEGATIVE_INFINITY
  const { state } = tracker
  if (state.kind === 'up') return
  const { openedMs, lastFailureMs } = state.outage
  const outage = { ...state.outage, openedMs: openedMs - byMs, lastFailureMs: lastFailureMs - byMs }
  tracker.state =
    state.kind === 'down'
      ? { kind: 'down', outage }
      : { kind: 'recovered', outage, okMs: state.okMs - byMs, seenMs: state.seenMs - byMs }
}
