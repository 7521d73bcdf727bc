import type { Cancel, Clock } from '../../runtime/clock.ts'
import type { Blame } from '../answer/simulated_answer.ts'
import type { SimulatedFarm } from '../farm/simulated_farm.ts'

/** The header by which a node knows that a request comes from the balancer; ARR calls it so. */
export const logIdHeader = 'x-arr-log-id'

/**
 * A model that is played in real time: what falls due happens when it is due, whether somebody asks or not.
 */
export interface Stage {
  readonly model: SimulatedFarm
  readonly clock: Clock
  /** Asks something of the model as it is now. */
  readonly play: <T>(act: (nowMs: number) => T) => T
  /** Calls `listener` whenever the model may have changed. */
  onChange(listener: () => void): void
  /** Whom to blame for what the balancer gets from a node, by the log id of a request that is under way. */
  readonly blames: Map<string, Blame>
  stop(): void
}

/** Starts playing; `nowMs` is the model's time, which never jumps. */
export function createStage(model: SimulatedFarm, clock: Clock, nowMs: () => number): Stage {
  const listeners: (() => void)[] = []
  let alarm: { readonly atMs: number; readonly cancel: Cancel } | undefined
  let stopped = false

  function play<T>(act: (atMs: number) => T): T {
    const atMs = nowMs()
    model.agenda.advance(atMs)
    const result = act(atMs)
    for (const listener of listeners) listener()
    setAlarm(atMs)
    return result
  }

  function setAlarm(atMs: number): void {
    const { nextMs } = model.agenda
    if (stopped || alarm?.atMs === nextMs) return
    alarm?.cancel()
    alarm = undefined
    if (nextMs === Number.POSITIVE_INFINITY) return
    const ring = () => {
      alarm = undefined
      play(() => undefined)
    }
    alarm = { atMs: nextMs, cancel: clock.after(nextMs - atMs, ring) }
  }

  setAlarm(nowMs())
  return {
    model,
    clock,
    play,
    onChange: (listener) => void listeners.push(listener),
    blames: new Map(),
    stop() {
      stopped = true
      alarm?.cancel()
    },
  }
}
