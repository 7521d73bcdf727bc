/** Which targets and checks fail now, and which of their probes may still turn out to have failed. */
import { intervalMsOf } from '../../model/farm.ts'
import type { Outcome, Proof } from '../../model/outcome.ts'
import type { Remembering } from '../detector.ts'
import { bySeries, createMemories, wholly } from '../memories.ts'
import { missingBefore, noteSlot, openSlots } from '../open_slots.ts'
import type { Series } from '../sample.ts'
import { fieldsOf, type Of, optional, time } from '../shape.ts'

const seriesState = fieldsOf({
  /** When its newest failure and its newest success were sent. */
  failedMs: optional(time),
  okMs: optional(time),
  slots: openSlots,
})

const fails = ({ failedMs, okMs }: Of<typeof seriesState>): boolean =>
  failedMs !== undefined && failedMs > (okMs ?? Number.NEGATIVE_INFINITY)

export interface FailingSeries extends Remembering {
  observe(outcome: Outcome, proof: Proof, series: Series): void
  /** How many fail. */
  count(): number
  /** The nodes that fail by any check. */
  nodes(): ReadonlySet<string>
  /** Whether a tick that was sent in a span may still come back. */
  isAwaited(span: { readonly fromMs: number; readonly toMs: number }, nowMs: number): boolean
  /** The longest that any probe may take, in milliseconds. */
  timeoutMs(): number
}

export function createFailingSeries(): FailingSeries {
  const all = createMemories(bySeries, {
    ...wholly(seriesState),
    // Probes that were on their way when the process ended do not come back.
    save: (state) => (fails(state) ? { ...seriesState.empty(), failedMs: state.failedMs } : undefined),
  })
  let failing = 0
  let longestMs = 0
  const recount = () => {
    const states = [...all.all()]
    failing = states.filter(({ state }) => fails(state)).length
    longestMs = states.reduce((most, { subject }) => Math.max(most, subject.check.timeoutMs), 0)
  }
  return {
    ...all,
    setFarm(scope) {
      all.setFarm(scope)
      recount()
    },
    restore(saved, nowMs) {
      all.restore(saved, nowMs)
      recount()
    },
    observe({ lane, slotMs, startedMs }, proof, { key, check }) {
      const state = all.get(key)
      if (state === undefined) return
      if (lane === 'tick') noteSlot(state.slots, slotMs, intervalMsOf(check) ?? 0)
      if (proof === 'nothing') return
      const before = fails(state)
      if (proof === 'ok') state.okMs = Math.max(state.okMs ?? startedMs, startedMs)
      else state.failedMs = Math.max(state.failedMs ?? startedMs, startedMs)
      failing += Number(fails(state)) - Number(before)
    },
    count: () => failing,
    nodes: () =>
      new Set(
        [...all.all()].flatMap(({ subject: { target }, state }) =>
          target.role === 'node' && fails(state) ? target.name : [],
        ),
      ),
    isAwaited: (span, nowMs) =>
      [...all.all()].some(({ subject, state }) =>
        missingBefore(state.slots, span, { nowMs, timeoutMs: subject.check.timeoutMs }),
      ),
    timeoutMs: () => longestMs,
  }
}
