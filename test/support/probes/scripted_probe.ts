import type { Order, Outcome, Probe } from '../../../src/model/outcome.ts'
import type { Clock } from '../../../src/runtime/clock.ts'

/** How a target behaves to one probe: by default it answers well after 5 ms. */
export type Behaviour = Partial<Outcome> & { readonly afterMs?: number }

export interface ScriptedProbe {
  readonly probe: Probe
  /** Every order that was carried out, in turn, and when, in monotonic milliseconds. */
  readonly orders: (Order & { readonly atMs: number })[]
  readonly aborted: Order[]
}

/** A probe without a network: each order ends as the script says, in the time of the clock. */
export function scriptProbe(clock: Clock, script: (order: Order) => Behaviour = () => ({})): ScriptedProbe {
  const orders: ScriptedProbe['orders'] = []
  const aborted: Order[] = []
  const probe: Probe = (order, signal) => {
    orders.push({ ...order, atMs: clock.monotonicMs() })
    const { afterMs = 5, ...rest } = script(order)
    return new Promise((resolve, reject) => {
      const startedMs = clock.monotonicMs()
      const cancel = clock.after(afterMs, () =>
        resolve({ ...outcomeOf(order, clock.monotonicMs() - startedMs), ...rest }),
      )
      signal.addEventListener('abort', () => {
        cancel()
        aborted.push(order)
        reject(signal.reason as Error)
      })
    })
  }
  return { probe, orders, aborted }
}

/** A good outcome of an order. */
export function outcomeOf({ farm, check, target, lane, slotMs, lagMs }: Order, totalMs = 5): Outcome {
  return {
    farm: farm.name,
    role: target.role,
    target: target.name,
    check: check.name,
    id: 'id',
    lane,
    slotMs,
    startedMs: slotMs + lagMs,
    lagMs,
    latenessMs: 0,
    reason: 'ok',
    detail: '',
    status: 200,
    phaseMs: {},
    firstByteMs: totalMs,
    totalMs,
    address: '127.0.0.1:80',
    bodyBytes: 2,
  }
}
