/** The newest time that a monitor knows of, and what becomes of it when the wall clock is set back. */
import { endedMs, type Outcome } from '../model/outcome.ts'
import { minuteMs, secondMs } from '../runtime/duration.ts'

/** A time this much older than the newest one known means that the wall clock was set back. */
const setBackMs = minuteMs
/** Probes that were out when the wall clock was set back have all come back after this. */
const stragglersMs = 10 * minuteMs
/** How long an outcome may be on its way through the threads. */
const onItsWayMs = secondMs

export interface NewestTime {
  /** Wall milliseconds. */
  nowMs(): number
  /** Takes in an outcome, and gives it as the present clock would have dated it. */
  see(outcome: Outcome): Outcome
  /** Takes in what the wall clock says. */
  read(wallMs: number): void
}

/**
 * `onSetBack` is called when the wall clock was set back: what is remembered has to move back by `byMs`, so that what
 * happens next still comes after what happened before.
 */
export function createNewestTime(onSetBack: (byMs: number) => void): NewestTime {
  let nowMs = Number.NEGATIVE_INFINITY
  let setBack = { byMs: 0, stragglersUntilMs: Number.NEGATIVE_INFINITY }
  const setBackTo = (toMs: number) => {
    const byMs = nowMs - toMs
    setBack = { byMs, stragglersUntilMs: toMs + stragglersMs }
    nowMs = toMs
    onSetBack(byMs)
  }
  /** Whether a probe started before the clock was set back: by the present clock, it has ended just now. */
  const isStraggler = (outcome: Outcome) =>
    nowMs < setBack.stragglersUntilMs && endedMs(outcome) - setBack.byMs > nowMs - onItsWayMs
  return {
    nowMs: () => nowMs,
    see(outcome) {
      const { byMs } = setBack
      const { slotMs, startedMs } = outcome
      if (isStraggler(outcome)) return { ...outcome, slotMs: slotMs - byMs, startedMs: startedMs - byMs }
      const endMs = endedMs(outcome)
      if (endMs < nowMs - setBackMs) setBackTo(startedMs)
      nowMs = Math.max(nowMs, endMs)
      return outcome
    },
    read(wallMs) {
      // A clock that was set forward again makes no stragglers.
      if (wallMs > nowMs + setBackMs) setBack = { byMs: 0, stragglersUntilMs: Number.NEGATIVE_INFINITY }
      if (wallMs < nowMs - setBackMs) setBackTo(wallMs)
      nowMs = Math.max(nowMs, wallMs)
    },
  }
}
