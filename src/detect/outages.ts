/**
 * The outages of each target and check: unbroken runs of failures, by when the probes started, not by when they ended.
 *
 *   start   0    5    10   15   20            probes time out after 30 s
 *   end     30!  35!  40!  15.1 20.1          the answers of 15 and 20 are known before the failures of 0, 5 and 10
 *           [------------->                   one outage of 15 s, reported when the probe of slot 10 is back
 */
import { intervalMsOf } from '../model/farm.ts'
import { type Outcome, reasons } from '../model/outcome.ts'
import type { Detector, Emit } from './detector.ts'
import { bySeries, createMemories, wholly } from './memories.ts'
import { missingBefore, noteSlot, openSlots } from './open_slots.ts'
import type { Series } from './sample.ts'
import { countsOf, fieldsOf, listOf, type Of, oneOf, optional, text, time } from './shape.ts'

/** Successes remembered, to date the end of an outage whose failures arrive late. */
const remembered = 32
/** A success that took longer than this was queued; others that started before it may come within the same time. */
const queuedMs = 500

const outageShape = fieldsOf({
  /** When its first failure started. */
  openedMs: time,
  /** The last success before it started here; undefined when none was seen. */
  okBeforeMs: optional(time),
  lastFailureMs: time,
  reason: oneOf(reasons),
  detail: text,
  failures: countsOf(reasons),
})

/** What is remembered of one target under one check. */
export const tracker = fieldsOf({
  outage: optional(outageShape),
  /** The outage is over, but probes that started during it are still on their way. */
  recovered: optional(
    fieldsOf({
      /** When the first success after it started. */
      okMs: time,
      /** When it came. */
      seenMs: time,
    }),
  ),
  /** When the last successes started. */
  okStartsMs: listOf(time),
  /** Up to when outages have been reported; what becomes known later of that time is not reported again. */
  reportedToMs: optional(time),
  slots: openSlots,
})

type Outage = Of<typeof outageShape>
type Tracker = Of<typeof tracker>

/** When something becomes known of a series, and who takes in what comes of it. */
interface Context {
  readonly nowMs: number
  /** How long probes may still be on their way, in milliseconds. */
  readonly timeoutMs: number
  opened(outage: Outage): void
  /** `okMs`: when the first success after it started. */
  closed(outage: Outage, okMs: number): void
}

export interface OutageReading {
  readonly target: string
  readonly check: string
  readonly openedMs: number
}

export interface Outages extends Detector {
  /** The outages that go on. */
  open(): OutageReading[]
}

export function createOutages(emit: Emit): Outages {
  const trackers = createMemories(bySeries, {
    ...wholly(tracker),
    // Only an outage matters after a restart; probes that were on their way when the process ended do not come back.
    save: ({ outage, recovered }) => outage && { ...tracker.empty(), outage, recovered },
  })
  const contextOf = ({ target, check }: Series, nowMs: number): Context => {
    const subject = { role: target.role, target: target.name, check: check.name }
    return {
      nowMs,
      timeoutMs: check.timeoutMs,
      opened: ({ openedMs: atMs, reason, detail }) =>
        emit({ kind: 'outage_opened', atMs, ...subject, reason, detail }),
      closed: ({ openedMs: atMs, reason, failures }, okMs) =>
        emit({ kind: 'outage_closed', atMs, ...subject, reason, lengthMs: okMs - atMs, failures }),
    }
  }
  return {
    ...trackers,
    observe({ outcome, proof, series }, nowMs) {
      const state = trackers.get(series.key)
      if (state === undefined) return
      if (outcome.lane === 'tick') noteSlot(state.slots, outcome.slotMs, intervalMsOf(series.check) ?? 0)
      if (proof === 'failure') failed(state, outcome, contextOf(series, nowMs))
      if (proof !== 'ok') return
      state.okStartsMs.push(outcome.startedMs)
      if (state.okStartsMs.length > remembered) state.okStartsMs.shift()
      if (state.outage !== undefined) recover(state, outcome.startedMs, contextOf(series, nowMs))
    },
    advance(nowMs) {
      for (const { subject, state } of trackers.all())
        if (state.recovered !== undefined) closeWhenSure(state, contextOf(subject, nowMs))
    },
    open: () =>
      [...trackers.all()].flatMap(({ subject: { target, check }, state: { outage, recovered } }) =>
        outage === undefined || recovered !== undefined
          ? []
          : [{ target: target.name, check: check.name, openedMs: outage.openedMs }],
      ),
  }
}

function failed(state: Tracker, outcome: Outcome, context: Context): void {
  const { outage, recovered } = state
  const { startedMs } = outcome
  if (outage === undefined) return open(state, outcome, context)
  if (recovered !== undefined && startedMs > recovered.okMs) {
    close(state, outage, recovered.okMs, context)
    return open(state, outcome, context)
  }
  const okMs = startedMs < outage.openedMs ? firstOkAfter(state, startedMs) : undefined
  if (okMs === undefined || okMs >= outage.openedMs) state.outage = extended(outage, outcome)
  else if (startedMs >= (state.reportedToMs ?? 0)) {
    // A late failure of an outage before this one.
    const before = outageFrom(state, outcome)
    state.reportedToMs = okMs
    context.opened(before)
    context.closed(before, okMs)
  }
}

function open(state: Tracker, outcome: Outcome, context: Context): void {
  const { startedMs } = outcome
  if (startedMs < (state.reportedToMs ?? 0)) return
  state.outage = outageFrom(state, outcome)
  context.opened(state.outage)
  const okMs = firstOkAfter(state, startedMs)
  if (okMs !== undefined) recover(state, okMs, context)
}

const outageFrom = ({ okStartsMs }: Tracker, { startedMs, reason, detail }: Outcome): Outage => ({
  openedMs: startedMs,
  okBeforeMs: okStartsMs.filter((ms) => ms < startedMs).reduce(later, undefined),
  lastFailureMs: startedMs,
  reason,
  detail,
  failures: { [reason]: 1 },
})

const extended = (outage: Outage, { startedMs, reason, detail }: Outcome): Outage => ({
  ...outage,
  ...(startedMs < outage.openedMs && { openedMs: startedMs, reason, detail }),
  lastFailureMs: Math.max(outage.lastFailureMs, startedMs),
  failures: { ...outage.failures, [reason]: (outage.failures[reason] ?? 0) + 1 },
})

/** A success that started during the outage had only been queued: it ends nothing. */
function recover(state: Tracker, okMs: number, context: Context): void {
  const { outage, recovered } = state
  if (outage === undefined || okMs <= outage.lastFailureMs) return
  if (recovered === undefined || okMs < recovered.okMs) state.recovered = { okMs, seenMs: context.nowMs }
  closeWhenSure(state, context)
}

/** Closes an outage that is over, once no probe that started during it can still come back. */
function closeWhenSure(state: Tracker, context: Context): void {
  const { outage, recovered, slots } = state
  if (outage === undefined || recovered === undefined) return
  const { okMs, seenMs } = recovered
  if (seenMs - okMs > queuedMs && context.nowMs < seenMs + queuedMs) return
  const during = { fromMs: outage.okBeforeMs ?? outage.openedMs, toMs: okMs }
  if (!missingBefore(slots, during, context)) close(state, outage, okMs, context)
}

function close(state: Tracker, outage: Outage, okMs: number, { closed }: Context): void {
  state.outage = undefined
  state.recovered = undefined
  state.reportedToMs = okMs
  closed(outage, okMs)
}

const firstOkAfter = ({ okStartsMs }: Tracker, atMs: number): number | undefined =>
  okStartsMs.filter((ms) => ms > atMs).reduce(earlier, undefined)

const earlier = (a: number | undefined, b: number): number => Math.min(a ?? b, b)
const later = (a: number | undefined, b: number): number => Math.max(a ?? b, b)
