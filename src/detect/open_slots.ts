/** Which ticks of one target and check are still out: a slot that was due, while a later one has been answered. */
import { fieldsOf, listOf, number, type Of, optional, type Shape, time } from './shape.ts'

/** Slots remembered as out; a probe that hangs longer than this many intervals has long run into its time-out. */
const most = 64
/** How long after its time-out an outcome may still be on its way through the threads, in milliseconds. */
const slackMs = 2000

const slots = fieldsOf({ intervalMs: number, newestMs: optional(time), out: listOf(time) })

type OpenSlots = Of<typeof slots>

/** The grid of the slots stays where it is when the wall clock is set back. */
export const openSlots: Shape<OpenSlots> = { ...slots, shifted: slots.empty }

/** Notes that the tick of a slot has come back; `intervalMs` is 0 for cron checks, of whose slots nothing is known. */
export function noteSlot(state: OpenSlots, slotMs: number, intervalMs: number): void {
  if (intervalMs !== state.intervalMs) Object.assign(state, slots.empty(), { intervalMs })
  const { newestMs = slotMs } = state
  if (slotMs < newestMs) {
    state.out = state.out.filter((outMs) => Math.abs(outMs - slotMs) > 1)
    return
  }
  state.newestMs = slotMs
  const nextMs = newestMs + intervalMs
  if (slotMs === nextMs || intervalMs === 0 || slotMs - nextMs > most * intervalMs) return
  for (let outMs = nextMs; outMs < slotMs - intervalMs / 2; outMs += intervalMs) state.out.push(outMs)
  state.out = state.out.slice(-most)
}

/** Whether a tick that was due from `fromMs` to before `toMs` may still come back. */
export function missingBefore(
  state: OpenSlots,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { nowMs, timeoutMs }: { readonly nowMs: number; readonly timeoutMs: number },
): boolean {
  if (state.out.length === 0) return false
  state.out = state.out.filter((outMs) => nowMs - outMs < timeoutMs + slackMs)
  return state.out.some((outMs) => outMs >= fromMs && outMs < toMs)
}
