/** Which targets and checks fail now, and which of their probes may still turn out to have failed. */
import { intervalMsOf } from '../../model/farm.ts'
import type { Outcome, Proof } from '../../model/outcome.ts'
import { greatest } from '../../runtime/extremes.ts'
import { bySeries, createMemories, wholly } from '../memories.ts'
import { missingBefore, noteSlot, openSlots } from '../open_slots.ts'
import type { Scope, Series } from '../sample.ts'
import { fieldsOf, type Of, optional, time } from '../shape.ts'

const seriesState = fieldsOf({
  /** When its newest failure and its newest success were sent. */
  failedMs: optional(time),
  okMs: optional(time),
  slots: openSlots,
})

const fails = ({ failedMs, okMs }: Of<typeof seriesState>): boolean =>
  failedMs !== undefined && failedMs > (okMs ?? Number.NEGATIVE_INFINITY)

export function createFailingSeries() {
  const all = createMemories(bySeries, {
    ...wholly(seriesState),
    // Probes that were on their way when the process ended do not come back.
    save: (state) => (fails(state) ? { ...seriesState.empty(), failedMs: state.failedMs } : undefined),
  })
  /** The targets that fail now, by series: gone through at every failure, where going through all series takes too long. */
  let failing = new Map<string, string>()
  const findFailing = () => {
    failing = new Map()
    for (const { subject, state } of all.all())
      if (fails(state)) failing.set(subject.key, subject.target.name)
  }
  return {
    ...all,
    setFarm(scope: Scope): void {
      all.setFarm(scope)
      findFailing()
    },
    restore(saved: unknown, nowMs: number): void {
      all.restore(saved, nowMs)
      findFailing()
    },
    observe({ lane, slotMs, startedMs }: Outcome, proof: Proof, { key, check, target }: Series): void {
      const state = all.get(key)
      if (state === undefined) return
      if (lane === 'tick') noteSlot(state.slots, slotMs, intervalMsOf(check) ?? 0)
      if (proof === 'ok') state.okMs = Math.max(state.okMs ?? startedMs, startedMs)
      if (proof === 'failure') state.failedMs = Math.max(state.failedMs ?? startedMs, startedMs)
      if (fails(state)) failing.set(key, target.name)
      else failing.delete(key)
    },
    /** How many series fail. */
    count: (): number => failing.size,
    /** The names of the targets that fail by any check. */
    targets: (): ReadonlySet<string> => new Set(failing.values()),
    /** Whether a tick that was sent in a span may still come back. */
    isAwaited: (span: { readonly fromMs: number; readonly toMs: number }, nowMs: number): boolean =>
      [...all.all()].some(({ subject, state }) =>
        missingBefore(state.slots, span, { nowMs, timeoutMs: subject.check.timeoutMs }),
      ),
    /** The longest that any probe may take, in milliseconds. */
    timeoutMs: (): number => greatest([...all.all()].map(({ subject }) => subject.check.timeoutMs)),
  }
}
