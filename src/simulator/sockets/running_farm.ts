/** A simulated farm in real time: what falls due happens when it is due, whether a request comes or not. */
import type { Cancel, Clock } from '../../runtime/clock.ts'
import type { Blame } from '../answer/simulated_answer.ts'
import type { SimulatedFarm } from '../farm/simulated_farm.ts'

/** The header by which a node knows that a request comes from the balancer; ARR calls it so. */
export const logIdHeader = 'x-arr-log-id'

export type RunningFarm = ReturnType<typeof runInRealTime>

/** `nowMs` is the model's time, which never jumps. */
export function runInRealTime(model: SimulatedFarm, clock: Clock, nowMs: () => number) {
  const listeners: (() => void)[] = []
  let timer: { readonly atMs: number; readonly cancel: Cancel } | undefined
  let stopped = false

  function update<T>(act: (atMs: number) => T): T {
    const atMs = nowMs()
    model.agenda.advance(atMs)
    const result = act(atMs)
    for (const listener of listeners) listener()
    setTimer(atMs)
    return result
  }

  function setTimer(atMs: number): void {
    const { nextMs } = model.agenda
    if (stopped || timer?.atMs === nextMs) return
    timer?.cancel()
    timer = undefined
    if (nextMs === Number.POSITIVE_INFINITY) return
    const wake = () => {
      timer = undefined
      update(() => undefined)
    }
    timer = { atMs: nextMs, cancel: clock.after(nextMs - atMs, wake) }
  }

  setTimer(nowMs())
  return {
    model,
    clock,
    /** Brings the model up to the present, and asks or changes something of it. */
    update,
    /** Calls `listener` whenever the model may have changed. */
    onChange: (listener: () => void): void => void listeners.push(listener),
    /** Which to blame for what the balancer gets from a node, by the log id of a request that is under way. */
    blames: new Map<string, Blame>(),
    stop(): void {
      stopped = true
      timer?.cancel()
    },
  }
}
