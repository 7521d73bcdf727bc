/** Which ticks of one target and check are still out: a slot that was due, while a later one has been answered. */
import type { Check } from '../model/farm.ts'

/** Slots remembered as out; a probe that hangs longer than this many intervals has long run into its time-out. */
const most = 64
/** How long after its time-out an outcome may still be on its way through the threads, in milliseconds. */
const slackMs = 2000

export interface Slots {
  /** Milliseconds between slots; 0 for cron checks, of whose slots nothing is known. */
  readonly intervalMs: number
  readonly timeoutMs: number
  newestMs: number
  out: number[]
}

/** Slots of a check, none of them seen yet. */
export function createSlots(check: Check): Slots {
  const intervalMs = check.schedule.kind === 'interval' ? check.schedule.intervalMs : 0
  return { intervalMs, timeoutMs: check.timeoutMs, newestMs: Number.NaN, out: [] }
}

/** Notes that the tick of a slot has come back. */
export function noteSlot(slots: Slots, slotMs: number): void {
  const sinceMs = slotMs - slots.newestMs
  if (sinceMs === slots.intervalMs) slots.newestMs = slotMs
  else if (sinceMs > 0) skipTo(slots, slotMs)
  else if (sinceMs < 0) slots.out = slots.out.filter((outMs) => Math.abs(outMs - slotMs) > 1)
  else slots.newestMs = slotMs
}

function skipTo(slots: Slots, slotMs: number): void {
  const { intervalMs } = slots
  const nextMs = slots.newestMs + intervalMs
  slots.newestMs = slotMs
  if (intervalMs === 0 || slotMs - nextMs > most * intervalMs) return
  for (let outMs = nextMs; outMs < slotMs - intervalMs / 2; outMs += intervalMs) slots.out.push(outMs)
  if (slots.out.length > most) slots.out = slots.out.slice(-most)
}

/** Whether a tick that was due from `fromMs` to before `toMs` may still come back. */
export function missingBefore(slots: Slots, fromMs: number, toMs: number, nowMs: number): boolean {
  if (slots.out.length === 0) return false
  slots.out = slots.out.filter((outMs) => nowMs - outMs < slots.timeoutMs + slackMs)
  return slots.out.some((outMs) => outMs >= fromMs && outMs < toMs)
}

/** Begins anew, after the wall clock was set back. */
export function forgetSlots(slots: Slots): void {
  slots.newestMs = Number.NaN
  slots.out = []
}
