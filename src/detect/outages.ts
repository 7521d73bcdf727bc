/**
 * The outages of each target and check: unbroken runs of failures, by when the probes started, not by when they ended.
 *
 *   start   0    5    10   15   20            probes time out after 30 s
 *   end     30!  35!  40!  15.1 20.1          the answers of 15 and 20 are known before the failures of 0, 5 and 10
 *           [------------->                   one outage of 15 s, reported when the probe of slot 10 is back
 */
import { intervalMsOf } from '../model/farm.ts'
import { type Outcome, type Proof, reasons } from '../model/outcome.ts'
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

/** An outage opens; or it has closed, with the first success after it, which started at `okMs`. */
interface Change {
  readonly outage: Outage
  readonly okMs?: number
}

/** When something becomes known, and how long probes of its series may still be on their way. */
interface Moment {
  readonly nowMs: number
  readonly timeoutMs: number
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
    // Probes that were on their way when the process ended do not come back.
    save: (state) => ({ ...state, slots: openSlots.empty() }),
  })
  const report = ({ target, check }: Series, changes: readonly Change[]) => {
    for (const { outage, okMs } of changes) {
      const { openedMs: atMs, reason, detail, failures } = outage
      const opened = { atMs, role: target.role, target: target.name, check: check.name, reason }
      if (okMs === undefined) emit({ kind: 'outage_opened', ...opened, detail })
      else emit({ kind: 'outage_closed', ...opened, lengthMs: okMs - atMs, failures })
    }
  }
  return {
    ...trackers,
    observe({ outcome, proof, series }, nowMs) {
      const state = trackers.get(series.key)
      if (state === undefined) return
      const { timeoutMs } = series.check
      if (outcome.lane === 'tick') noteSlot(state.slots, outcome.slotMs, intervalMsOf(series.check) ?? 0)
      report(series, take(state, outcome, proof, { nowMs, timeoutMs }))
    },
    advance(nowMs) {
      for (const { subject, state } of trackers.all())
        report(subject, closeWhenSure(state, { nowMs, timeoutMs: subject.check.timeoutMs }))
    },
    open: () =>
      [...trackers.all()].flatMap(({ subject: { target, check }, state: { outage, recovered } }) =>
        outage === undefined || recovered !== undefined
          ? []
          : [{ target: target.name, check: check.name, openedMs: outage.openedMs }],
      ),
  }
}

const none: readonly Change[] = []

function take(state: Tracker, outcome: Outcome, proof: Proof, moment: Moment): readonly Change[] {
  if (proof === 'nothing') return none
  if (proof === 'failure') return failed(state, outcome, moment)
  state.okStartsMs.push(outcome.startedMs)
  if (state.okStartsMs.length > remembered) state.okStartsMs.shift()
  return recover(state, outcome.startedMs, moment)
}

function failed(state: Tracker, outcome: Outcome, moment: Moment): readonly Change[] {
  const { outage, recovered } = state
  const { startedMs } = outcome
  if (outage === undefined) return open(state, outcome, moment)
  if (recovered !== undefined && startedMs > recovered.okMs)
    return [...close(state, outage, recovered.okMs), ...open(state, outcome, moment)]
  const okBetweenMs = startedMs < outage.openedMs ? firstOkAfter(state, startedMs) : undefined
  // A late failure of an outage before this one: reported at once, unless that time has been.
  if (okBetweenMs !== undefined && okBetweenMs < outage.openedMs)
    return reportPast(state, outcome, okBetweenMs)
  state.outage = extended(outage, outcome)
  return none
}

function open(state: Tracker, outcome: Outcome, moment: Moment): readonly Change[] {
  const { startedMs } = outcome
  if (startedMs < (state.reportedToMs ?? 0)) return none
  const outage = outageFrom(state, outcome)
  state.outage = outage
  const okMs = firstOkAfter(state, startedMs)
  return [{ outage }, ...(okMs === undefined ? none : recover(state, okMs, moment))]
}

function reportPast(state: Tracker, outcome: Outcome, okMs: number): readonly Change[] {
  if (outcome.startedMs < (state.reportedToMs ?? 0)) return none
  const outage = outageFrom(state, outcome)
  state.reportedToMs = okMs
  return [{ outage }, { outage, okMs }]
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
function recover(state: Tracker, okMs: number, moment: Moment): readonly Change[] {
  const { outage, recovered } = state
  if (outage === undefined || okMs <= outage.lastFailureMs) return none
  if (recovered === undefined || okMs < recovered.okMs) state.recovered = { okMs, seenMs: moment.nowMs }
  return closeWhenSure(state, moment)
}

/** Closes an outage that is over, once no probe that started during it can still come back. */
function closeWhenSure(state: Tracker, moment: Moment): readonly Change[] {
  const { outage, recovered, slots } = state
  if (outage === undefined || recovered === undefined) return none
  const { okMs, seenMs } = recovered
  if (seenMs - okMs > queuedMs && moment.nowMs < seenMs + queuedMs) return none
  const during = { fromMs: outage.okBeforeMs ?? outage.openedMs, toMs: okMs }
  return missingBefore(slots, during, moment) ? none : close(state, outage, okMs)
}

function close(state: Tracker, outage: Outage, okMs: number): readonly Change[] {
  state.outage = undefined
  state.recovered = undefined
  state.reportedToMs = okMs
  return [{ outage, okMs }]
}

const firstOkAfter = ({ okStartsMs }: Tracker, atMs: number): number | undefined =>
  okStartsMs.filter((ms) => ms > atMs).reduce(earlier, undefined)

const earlier = (a: number | undefined, b: number): number => Math.min(a ?? b, b)
const later = (a: number | undefined, b: number): number => Math.max(a ?? b, b)
