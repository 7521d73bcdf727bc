/** The probes in flight: starts them, within the bounds of their check, and judges whether we were fit to time them. */

import type { Lane, Order, Outcome, Probe } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { internalOutcome } from './internal_outcome.ts'
import { watchLoop } from './loop_lateness.ts'
import { watchOverdue } from './overdue.ts'
import type { Entry } from './probing_plan.ts'
import type { LoopDelay } from './threads/prober_messages.ts'

/** A probe about to be made. */
export interface Start {
  readonly entry: Entry
  readonly lane: Lane
  /** When it was due, in monotonic milliseconds, and the same as wall time. */
  readonly dueMs: number
  readonly slotMs: number
}

export interface FlightsOptions {
  readonly clock: Clock
  readonly probe: Probe
  /** `wasOverdue`: `onOverdue` has told of this probe before. */
  readonly onOutcome: (entry: Entry, outcome: Outcome, wasOverdue: boolean) => void
  /** The probe of a tick is out for far longer than usual. */
  readonly onOverdue: (entry: Entry, nowMs: number) => void
  /** The slot was due, but the check's `overlap` had no room for it, or its turn came after the next one was due. */
  readonly onMissed: (entry: Entry) => void
}

export interface Flights {
  /** Starts a probe, if there is room for it and its target is still in the plan. */
  start(start: Start): void
  /** Aborts the probes of an entry; nothing more is heard of them. */
  abort(entry: Entry): void
  /** Starts nothing from now on, and resolves when nothing is in flight, at the latest after `graceMs`. */
  land(graceMs: number): Promise<void>
  count(): number
  loopDelay(): LoopDelay | undefined
}

const nothing = () => undefined

/** Flights, none of them begun. */
export function createFlights({ clock, probe, onOutcome, onOverdue, onMissed }: FlightsOptions): Flights {
  const watch = watchLoop(
    clock,
    () => inFlight > 0,
    (nowMs) => landing || overdue.look(nowMs),
  )
  const overdue = watchOverdue({ isSuspect: watch.isSuspect, onOverdue })
  let inFlight = 0
  let landing = false
  let onLanded: () => void = nothing

  const launch = (start: Start) => {
    const { entry, lane } = start
    const nowMs = clock.monotonicMs()
    const order = orderOf(start, nowMs)
    const flight = new AbortController()
    const mark = watch.mark(nowMs)
    const awaited = lane === 'tick' ? overdue.begin(entry, mark, nowMs) : undefined
    embark(entry, flight, lane, 1)
    inFlight++
    const settle = (outcome: Outcome) => {
      embark(entry, flight, lane, -1)
      inFlight--
      if (awaited !== undefined) overdue.end(awaited)
      if (!flight.signal.aborted) onOutcome(entry, judge(outcome, mark), awaited?.isOverdue === true)
      if (inFlight === 0) onLanded()
    }
    attempt(probe, order, flight.signal).then(settle, (error: unknown) =>
      settle(internalOutcome(order, clock.monotonicMs() - nowMs, error)),
    )
  }
  const judge = (outcome: Outcome, mark: number): Outcome =>
    watch.isSuspect(mark, clock.monotonicMs(), outcome.totalMs) ? { ...outcome, suspect: true } : outcome

  return {
    start(start) {
      const { entry } = start
      if (entry.gone || landing) return
      const extra = isExtra(start.lane)
      if (hasRoom(entry, extra) && (extra || !isPast(start, clock.monotonicMs()))) launch(start)
      else if (!extra) onMissed(entry)
    },
    abort({ flights }) {
      for (const flight of flights) flight.abort()
    },
    land(graceMs) {
      landing = true
      if (inFlight === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const cancel = clock.after(graceMs, resolve)
        onLanded = () => {
          cancel()
          resolve()
        }
      })
    },
    count: () => inFlight,
    loopDelay: () => watch.report(clock.monotonicMs()),
  }
}

const isExtra = (lane: Lane) => lane === 'burst' || lane === 'sweep'

/** A start that had to wait until the next slot of its own: a prober with too much to do must not run ever later. */
const isPast = ({ entry: { round }, dueMs }: Start, nowMs: number): boolean =>
  round.check.schedule.kind === 'interval' && nowMs - dueMs >= round.check.schedule.intervalMs

/**
 * Bursts and sweeps take at most half of the places that `overlap` gives, so that a target that hangs does not lose
 * its ticks to them.
 */
function hasRoom({ flights, extraFlights, round }: Entry, isExtra: boolean): boolean {
  const { overlap } = round.check
  if (flights.size >= overlap) return false
  return !isExtra || extraFlights < Math.max(1, Math.floor(overlap / 2))
}

function embark(entry: Entry, flight: AbortController, lane: Lane, by: 1 | -1): void {
  if (by === 1) entry.flights.add(flight)
  else entry.flights.delete(flight)
  if (isExtra(lane)) entry.extraFlights += by
}

function orderOf({ entry, lane, dueMs, slotMs }: Start, nowMs: number): Order {
  const { run, check } = entry.round
  return { farm: run.farm, check, target: entry.target, lane, slotMs, lagMs: Math.max(0, nowMs - dueMs) }
}

/** A probe that throws before its promise is there is as much a bug of ours as one that rejects. */
async function attempt(probe: Probe, order: Order, signal: AbortSignal): Promise<Outcome> {
  return probe(order, signal)
}
