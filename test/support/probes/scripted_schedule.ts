import type { Farm, Target } from '../../../src/model/farm.ts'
import type { Order, Outcome } from '../../../src/model/outcome.ts'
import { createScheduler } from '../../../src/schedule/scheduler.ts'
import { createSimulatedClock } from '../simulated_clock.ts'
import { type Behaviour, scriptProbe } from './scripted_probe.ts'

/** A scheduler in simulated time whose targets behave as scripted, and everything that comes of it. */
export function schedule(
  farms: readonly Farm[],
  script?: (order: Order) => Behaviour,
  startMs?: number,
  canProbe: (farm: Farm, target: Target) => boolean = () => true,
) {
  const clock = createSimulatedClock(startMs)
  const scripted = scriptProbe(clock, script)
  const outcomes: Outcome[] = []
  const missed = new Map<string, number>()
  const scheduler = createScheduler({
    clock,
    probe: scripted.probe,
    canProbe,
    originMs: clock.wallMs() - clock.monotonicMs(),
    emit: {
      outcome: (outcome) => outcomes.push(outcome),
      missed: ({ target }, count) => missed.set(target, (missed.get(target) ?? 0) + count),
    },
  })
  scheduler.apply(farms)
  return { clock, scheduler, outcomes, missed, ...scripted }
}

/** The tick orders of one target, in turn. */
export const ticks = (orders: readonly Order[], target = 'web01') =>
  orders.filter((order) => order.lane === 'tick' && order.target.name === target)

/** Milliseconds from each slot to the next. */
export const gaps = (orders: readonly { slotMs: number }[]) =>
  orders.slice(1).map((order, index) => order.slotMs - (orders[index]?.slotMs ?? 0))
