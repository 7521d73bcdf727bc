/** Finds the prober thread that starts its probes late for lack of processor time: one more thread then gets more of it. */
import type { Batch } from './prober_messages.ts'

const windowMs = 2000
/** A peak that passes needs no thread that stays: so many windows in a row must be late. */
const lateWindows = 3
/** Probes that start this late on average are late because of ourselves or of the machine. */
const lateMs = 50
/** A thread with fewer slots starts late because it waits to be woken, as another one would. */
const leastPerSecond = 100

interface Window {
  readonly fromMs: number
  starts: number
  missed: number
  lagMs: number
  /** How many windows before it were late, in a row. */
  readonly late: number
}

const windowFrom = (fromMs: number, late: number): Window => ({
  fromMs,
  starts: 0,
  missed: 0,
  lagMs: 0,
  late,
})

/** Takes in batches in the order in which they come; says whether their prober is late, once for each time that it is. */
export function watchLag() {
  const windows = new Map<number, Window>()
  return ({ prober, outcomes, missed }: Batch, nowMs: number): boolean => {
    const window = windows.get(prober) ?? windowFrom(nowMs, 0)
    windows.set(prober, window)
    for (const { lagMs } of outcomes) window.lagMs += lagMs
    for (const { count } of missed) window.missed += count
    window.starts += outcomes.length
    const tookMs = nowMs - window.fromMs
    if (tookMs < windowMs) return false
    const slots = window.starts + window.missed
    const isLate = slots >= (leastPerSecond * tookMs) / 1000 && window.lagMs >= window.starts * lateMs
    const late = isLate ? window.late + 1 : 0
    windows.set(prober, windowFrom(nowMs, late % lateWindows))
    return late === lateWindows
  }
}
