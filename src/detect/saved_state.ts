/**
 * What the detectors know that is worth keeping across a restart, as plain JSON: what is going on, which is small and
 * changes with every event, and what is normal, which is large and changes slowly.
 */
import { seriesKey } from '../model/outcome.ts'
import type { Remembering } from './detector.ts'
import { tracker } from './outages.ts'

/** Raised whenever what is kept takes another form: older versions then leave it alone. */
const form = 2

/** What detectors saved, by their names. */
export type SavedState = Readonly<Record<string, unknown>>

/** A copy: it does not change when the detectors go on. */
export const savedBy = (detectors: Remembering): SavedState =>
  structuredClone({ form, ...(detectors.save() as SavedState) })

/** Takes over what is known of the targets and checks that are still there; what is of an unknown form is left out. */
export const restoreTo = (detectors: Remembering, state: unknown, nowMs: number): void =>
  detectors.restore(inThisForm(structuredClone(state)), nowMs)

function inThisForm(state: unknown): SavedState {
  const saved = Object(state) as SavedState
  if (saved.form === form) return saved
  return saved.form === 1 ? fromForm1(saved) : {}
}

/** Version 0.1 kept lists. */
function fromForm1({ series, verdicts, recycles }: SavedState): SavedState {
  const bySeries = (read: (entry: SavedState) => unknown) =>
    Object.fromEntries(
      itemsOf(series).map((each) => [seriesKey(String(each.target), String(each.check)), read(each)]),
    )
  return {
    verdicts: byName(verdicts, (verdict) => verdict),
    baselines: bySeries(({ baseline }) => baseline),
    outages: bySeries(({ outage: state }) => {
      const { kind, outage } = Object(state) as SavedState
      return kind === 'down' ? { ...tracker.empty(), outage } : undefined
    }),
    recycles: byName(recycles, (known) => itemsOf(known).map((recycle) => ({ check: '', ...recycle }))),
  }
}

const itemsOf = (list: unknown): SavedState[] =>
  Array.isArray(list) ? list.map((each) => Object(each) as SavedState) : []

const byName = (pairs: unknown, read: (value: unknown) => unknown) =>
  Object.fromEntries(itemsOf(pairs).map(({ 0: name, 1: value }) => [String(name), read(value)]))
