/**
 * The heart of a prober: looks after the slots of its farms, and has them probed when they fall due. All times in here
 * are monotonic milliseconds; wall time is only stamped onto orders.
 */
import type { Farm } from '../model/farm.ts'
import type { Lane, Outcome, Probe, Subject } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { slotsOf } from './check_slots.ts'
import { createExtras } from './extra_probes.ts'
import { share } from './grid.ts'
import { createFlights, type Start } from './in_flight.ts'
import { createPacer } from './pacer.ts'
import { changePlan, entriesOf, type Plan, type Round } from './probing_plan.ts'
import type { Recycled } from './recycle_notice.ts'
import { groupGapMs, groupSize } from './spread.ts'
import type { LoopDelay } from './threads/prober_messages.ts'
import { createAgenda, type Job } from './timer_queue.ts'
import { wallStamps } from './wall_stamp.ts'

/** Where outcomes and missed slots go. */
export interface Emit {
  outcome(outcome: Outcome): void
  missed(subject: Subject, count: number): void
}

export interface SchedulerOptions {
  readonly clock: Clock
  readonly probe: Probe
  readonly emit: Emit
  /** Wall minus monotonic milliseconds at the moment that anchors every grid. */
  readonly originMs: number
}

export interface Scheduler {
  /**
   * Makes `farms` the plan. Checks and targets that stay keep their slots, history and probes in flight; probes of
   * those that are gone are aborted and dropped, except of farms in `moved`, which are let finish and counted.
   * What is new has its first slot at `fromMs` (now) or later, in monotonic milliseconds.
   */
  apply(farms: readonly Farm[], fromMs?: number, moved?: ReadonlySet<string>): void
  /** Keeps a cold start out of what is usual for the target, under each of its checks. */
  recycled(recycle: Recycled): void
  /** Starts nothing more, and waits until nothing is in flight, at most `graceMs`; then aborts and drops the rest. */
  stop(graceMs: number): Promise<void>
  inFlight(): number
  /** How late the event loop was since the last report; about once a second, undefined in between. */
  loopDelay(): LoopDelay | undefined
}

/** A new check whose first slot is further away than this begins with a sweep, so that its state is known at once. */
const patienceMs = 250
/** The sweeps of a new plan are spread over time, at this rate. */
const openingsPerMs = 1

/** A scheduler without farms. */
export function createScheduler({ clock, probe, emit, originMs }: SchedulerOptions): Scheduler {
  const plan: Plan = new Map()
  const agenda = createAgenda(clock)
  const stampOf = wallStamps(clock, originMs)
  const flights = createFlights({
    clock,
    probe,
    onOutcome(entry, outcome, wasOverdue) {
      emit.outcome(outcome)
      if (!entry.gone) extras.observe(entry, outcome, wasOverdue, clock.monotonicMs())
    },
    onOverdue: (entry, nowMs) => extras.overdue(entry, nowMs),
    onMissed: (entry) => emit.missed(entry.subject, 1),
  })
  const pace = createPacer<Start>(clock, (start) => flights.start(start))
  const extras = createExtras({ agenda, start: pace, stampOf })

  const probeAll = ({ entries, check }: Round, lane: Lane, slotDueMs: number) => {
    const slotMs = stampOf(slotDueMs)
    const gapMs = groupGapMs(entries.length, check.schedule)
    const size = gapMs === 0 ? entries.length : groupSize
    const probeFrom = (first: number, dueMs: number) => {
      pace(entries.slice(first, first + size).map((entry) => ({ entry, lane, dueMs, slotMs })))
      const next = first + size
      if (next >= entries.length) return
      const nextDueMs = dueMs + gapMs
      agenda.add({ dueMs: nextDueMs, cancelled: false, run: () => probeFrom(next, nextDueMs) })
    }
    probeFrom(0, slotDueMs)
  }
  const tick = (round: Round, nowMs: number) => {
    const { dueMs, missed } = round.slots.advance(nowMs)
    if (missed > 0) for (const entry of round.entries) emit.missed(entry.subject, missed)
    if (dueMs !== undefined) probeAll(round, round.check.canary ? 'canary' : 'tick', dueMs)
    round.job.dueMs = round.slots.nextLookMs()
    agenda.add(round.job)
  }
  const openAll = (rounds: readonly Round[]) => {
    const nowMs = clock.monotonicMs()
    const spreadMs = rounds.reduce((sum, { entries }) => sum + entries.length, 0) / openingsPerMs
    for (const round of rounds) {
      agenda.add(round.job)
      const dueMs = nowMs + share(round.run.farm.name) * spreadMs
      if (!isOpened(round, dueMs)) continue
      agenda.add({ dueMs, cancelled: false, run: () => probeAll(round, 'sweep', dueMs) })
    }
  }

  return {
    apply(farms, fromMs = clock.monotonicMs(), moved = new Set()) {
      const opened: Round[] = []
      changePlan(plan, farms, {
        slotsFor: (farm, check) => slotsOf(farm.name, check.schedule, fromMs, { clock, originMs }),
        jobFor: (round) => jobOf(round, tick),
        onNewRound: (round) => opened.push(round),
        onGone: (entry) => moved.has(entry.subject.farm) || flights.abort(entry),
      })
      openAll(opened)
    },
    recycled({ farm, target, fromMs, untilMs }) {
      for (const { entries } of plan.get(farm)?.rounds.values() ?? [])
        for (const entry of entries)
          if (entry.target.name === target || entry.target.role === 'balancer')
            entry.suspicion.recycled(fromMs, untilMs)
    },
    async stop(graceMs) {
      agenda.stop()
      await flights.land(graceMs)
      for (const entry of entriesOf(plan)) flights.abort(entry)
    },
    inFlight: () => flights.count(),
    loopDelay: () => flights.loopDelay(),
  }
}

function jobOf(round: Round, tick: (round: Round, nowMs: number) => void): Job {
  const job: Job = {
    dueMs: round.slots.nextLookMs(),
    cancelled: false,
    run: (nowMs) => tick(round, Math.max(nowMs, job.dueMs)),
  }
  return job
}

/** Canary and cron checks have their times for a reason, and wait for them. */
const isOpened = ({ check, job }: Round, dueMs: number) =>
  !check.canary && check.schedule.kind === 'interval' && job.dueMs - dueMs >= patienceMs
