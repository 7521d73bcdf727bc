/** The probes in flight: starts them, within the bounds of their check, and measures how late our own loop was. */
import { intervalMsOf } from '../model/farm.ts'
import type { Lane, Order, Outcome, Probe } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { concealSent } from '../secrets/sent_secrets.ts'
import { watchLoop } from './loop_lateness.ts'
import { type Awaited, watchOverdue } from './overdue.ts'
import type { Entry } from './probing_plan.ts'

export interface Start {
  readonly entry: Entry
  readonly lane: Lane
  /** When it was due, in monotonic milliseconds, and the same as wall time. */
  readonly dueMs: number
  readonly slotMs: number
}

export interface InFlightOptions {
  readonly clock: Clock
  readonly probe: Probe
  /** `wasOverdue`: `onOverdue` has reported this probe before. */
  readonly onOutcome: (entry: Entry, outcome: Outcome, wasOverdue: boolean) => void
  /** A probe has been in flight for longer than nine in ten. */
  readonly onLong: (awaited: Awaited, nowMs: number) => void
  /** Such a probe has been in flight for far longer than usual. */
  readonly onOverdue: (awaited: Awaited, nowMs: number) => void
  /** The check is not to be probed on its target for the time being. */
  readonly isSetApart: (entry: Entry, nowMs: number) => boolean
  /** The slot was due, but the check's `overlap` had no room for it, it is set apart, or its turn came after the next one was due. */
  readonly onMissed: (entry: Entry) => void
}

export function createInFlight(options: InFlightOptions) {
  const { clock, probe, onOutcome, onLong, onOverdue, onMissed, isSetApart } = options
  const loop = watchLoop(
    clock,
    () => count > 0,
    (nowMs) => draining || overdue.check(nowMs),
  )
  const overdue = watchOverdue({
    latenessMs: (mark, nowMs) => loop.latenessMs(mark, nowMs) + loop.machineMs(),
    onLong,
    onOverdue,
  })
  let count = 0
  let draining = false
  let onDrained: (() => void) | undefined

  const begin = (start: Start) => {
    const { entry, lane } = start
    const nowMs = clock.monotonicMs()
    const order = orderOf(start, nowMs)
    const { signal } = entry.control
    const mark = loop.mark(nowMs)
    const awaited = overdue.begin(entry, lane, mark, nowMs)
    const extra = isExtra(lane) ? 1 : 0
    entry.inFlight++
    entry.extrasInFlight += extra
    count++
    const end = (outcome: Outcome) => {
      entry.inFlight--
      entry.extrasInFlight -= extra
      count--
      if (awaited !== undefined) overdue.end(awaited)
      if (!signal.aborted) onOutcome(entry, withLateness(outcome, mark), awaited?.isOverdue === true)
      if (count === 0) onDrained?.()
    }
    attempt(probe, order, signal).then(end, (error: unknown) =>
      end(internalOutcome(order, clock.monotonicMs() - nowMs, error)),
    )
  }
  const withLateness = (outcome: Outcome, mark: number): Outcome => {
    const latenessMs = loop.latenessMs(mark, clock.monotonicMs())
    return latenessMs === 0 ? outcome : { ...outcome, latenessMs }
  }

  return {
    /** Starts a probe, if there is room for it and its target is still in the plan. */
    start(start: Start): void {
      const { entry } = start
      if (entry.gone || draining) return
      const extra = isExtra(start.lane)
      const nowMs = clock.monotonicMs()
      const isLate = !extra && isPast(start, nowMs)
      if (hasRoom(entry, extra) && !isLate && !isSetApart(entry, nowMs)) begin(start)
      else if (!extra) onMissed(entry)
    },
    /** Starts nothing from now on, and resolves when nothing is in flight, at the latest after `graceMs`. */
    drain(graceMs: number): Promise<void> {
      draining = true
      if (count === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const cancel = clock.after(graceMs, resolve)
        onDrained = () => {
          cancel()
          resolve()
        }
      })
    },
    count: () => count,
    machineMs: loop.machineMs,
    loopDelay: () => loop.report(clock.monotonicMs()),
  }
}

const isExtra = (lane: Lane) => lane === 'burst' || lane === 'sweep'

/** A start that had to wait until the next slot of its own: a prober with too much to do must not run ever later. */
const isPast = ({ entry: { round }, dueMs }: Start, nowMs: number): boolean =>
  nowMs - dueMs >= (intervalMsOf(round.check) ?? Number.POSITIVE_INFINITY)

/** Bursts and sweeps take at most half of `overlap`, so that a target that hangs does not lose its ticks to them. */
function hasRoom({ inFlight, extrasInFlight, round }: Entry, extra: boolean): boolean {
  const { overlap } = round.check
  if (inFlight >= overlap) return false
  return !extra || extrasInFlight < Math.max(1, Math.floor(overlap / 2))
}

function orderOf({ entry, lane, dueMs, slotMs }: Start, nowMs: number): Order {
  const { planned, check } = entry.round
  return { farm: planned.farm, check, target: entry.target, lane, slotMs, lagMs: Math.max(0, nowMs - dueMs) }
}

/** A probe that throws before it returns its promise is as much a bug of ours as one that rejects. */
async function attempt(probe: Probe, order: Order, signal: AbortSignal): Promise<Outcome> {
  return probe(order, signal)
}

/** The outcome of a probe that threw, which is a bug of ours and says nothing of the target. */
function internalOutcome(order: Order, totalMs: number, error: unknown): Outcome {
  const { farm, check, target, lane, slotMs, lagMs } = order
  return {
    farm: farm.name,
    role: target.role,
    target: target.name,
    check: check.name,
    id: '',
    lane,
    slotMs,
    startedMs: slotMs + lagMs,
    lagMs,
    latenessMs: 0,
    reason: 'internal',
    detail: concealSent(check)(`the probe itself failed: ${String(error)}`, 1000),
    status: 0,
    phaseMs: {},
    totalMs,
    address: '',
    bodyBytes: 0,
  }
}
