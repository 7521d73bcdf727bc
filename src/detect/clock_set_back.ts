/**
 * The wall clock was set back: what is remembered moves back with it, so that what happens next still comes after
 * what happened before. Views of the last seconds cannot be mended and are forgotten.
 */
import { allSeries, type FarmWatch } from './farm_state.ts'
import { forgetSlots } from './open_slots.ts'
import { shiftOutage } from './outage.ts'
import { clearHistory } from './recent_answers.ts'
import { shiftIdentity } from './recycle/identity.ts'
import { shiftRecycles } from './recycle/recycle.ts'
import { shiftVerdict } from './verdict.ts'

/** Moves a farm's memory back so that its newest time becomes `nowMs`. */
export function setBack(watch: FarmWatch, nowMs: number): void {
  const byMs = watch.nowMs - nowMs
  watch.nowMs = nowMs
  watch.advanceAtMs = nowMs
  for (const { outage, slots, identity, quiet, stoppage } of allSeries(watch)) {
    shiftOutage(outage, byMs)
    shiftIdentity(identity, byMs)
    forgetSlots(slots)
    quiet.newestMs = Number.NaN
    stoppage.sinceMs = Number.NaN
  }
  for (const verdict of watch.verdicts.values()) shiftVerdict(verdict, byMs)
  for (const node of watch.nodes.values()) {
    clearHistory(node.history)
    shiftRecycles(node.recycles, byMs)
    node.suspicion = undefined
    node.expected = []
  }
  for (const each of watch.inquiry.cases) each.lastMs = nowMs
}
