/**
 * The scheduler of one prober: starts the probes of its farms when their slots fall due, and counts the slots that were
 * missed. All times in here are monotonic milliseconds; wall time is only stamped onto orders.
 */
import { type Farm, intervalMsOf, type Target } from '../model/farm.ts'
import { type Lane, type Outcome, type Probe, type Subject, subjectKey } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { shareOf } from '../runtime/share.ts'
import { createExtraProbes } from './extra_probes.ts'
import { createInFlight, type Start } from './in_flight.ts'
import { changePlan, entriesOf, type Plan, type Round } from './probing_plan.ts'
import { slotsOf, wallStamps } from './slots.ts'
import { createPacer, groupGapMs, groupSize } from './start_pace.ts'
import type { Quarantined } from './threads/quarantine.ts'
import { createTimerQueue, type Job } from './timer_queue.ts'
import type { Recycled } from './usual_time.ts'

/** Where outcomes and missed slots go. */
interface Emit {
  outcome(outcome: Outcome): void
  missed(subject: Subject, count: number): void
}

export interface SchedulerOptions {
  readonly clock: Clock
  readonly probe: Probe
  /** Whether a target can be reached yet: a node through the balancer needs a cookie first. All can unless given. */
  readonly canProbe?: (farm: Farm, target: Target) => boolean
  readonly emit: Emit
  /** Wall minus monotonic milliseconds at the moment that anchors every grid. */
  readonly originMs: number
}

/** A new check whose first slot is further away than this begins with a sweep, so that its state is known early. */
const sweepFromMs = 250
/** The first sweeps of a new plan are spread over time, at this rate. */
const firstSweepsPerMs = 1

/** A scheduler without farms. */
export function createScheduler({ clock, probe, canProbe = () => true, emit, originMs }: SchedulerOptions) {
  const plan: Plan = new Map()
  const timers = createTimerQueue(clock)
  const stampOf = wallStamps(clock, originMs)
  let setApart: Quarantined = new Map()
  const inFlight = createInFlight({
    clock,
    probe,
    onOutcome(entry, outcome, wasOverdue) {
      emit.outcome(outcome)
      if (!entry.gone) extras.observe(entry, outcome, wasOverdue, inFlight.machineMs(), clock.monotonicMs())
    },
    onLong: (awaited, nowMs) => extras.long(awaited, nowMs),
    onOverdue: (awaited, nowMs) => extras.overdue(awaited, nowMs),
    onMissed: (entry) => emit.missed(entry.subject, 1),
    isSetApart: ({ subject }, nowMs) => setApart.size > 0 && nowMs < (setApart.get(subjectKey(subject)) ?? 0),
  })
  const startPaced = createPacer<Start>(clock, (start) => inFlight.start(start))
  const extras = createExtraProbes({ timers, start: startPaced, stampOf })

  const probeAll = ({ entries: all, check, planned }: Round, lane: Lane, slotDueMs: number) => {
    const slotMs = stampOf(slotDueMs)
    const entries = all.filter(({ target }) => canProbe(planned.farm, target))
    const gapMs = groupGapMs(entries.length, check)
    const size = gapMs === 0 ? entries.length : groupSize
    const probeFrom = (first: number, dueMs: number) => {
      startPaced(entries.slice(first, first + size).map((entry) => ({ entry, lane, dueMs, slotMs })))
      const next = first + size
      if (next >= entries.length) return
      const nextDueMs = dueMs + gapMs
      timers.add({ dueMs: nextDueMs, cancelled: false, run: () => probeFrom(next, nextDueMs) })
    }
    probeFrom(0, slotDueMs)
  }
  const tick = (round: Round, nowMs: number) => {
    const { dueMs, missed } = round.slots.advance(nowMs)
    if (missed > 0) for (const entry of round.entries) emit.missed(entry.subject, missed)
    if (dueMs !== undefined) probeAll(round, round.check.canary ? 'canary' : 'tick', dueMs)
    round.job.dueMs = round.slots.nextMs()
    timers.add(round.job)
  }
  const sweepFirst = (rounds: readonly Round[]) => {
    const nowMs = clock.monotonicMs()
    const spreadMs = rounds.reduce((sum, { entries }) => sum + entries.length, 0) / firstSweepsPerMs
    for (const round of rounds) {
      timers.add(round.job)
      const dueMs = nowMs + shareOf(round.planned.farm.name) * spreadMs
      if (!hasFirstSweep(round, dueMs)) continue
      timers.add({ dueMs, cancelled: false, run: () => probeAll(round, 'sweep', dueMs) })
    }
  }

  return {
    /**
     * Makes `farms` the plan. Checks and targets that stay keep their slots, history and probes in flight. Probes of
     * those that are gone are aborted and dropped, except those of farms in `moved`, which finish and are counted.
     * What is new has its first slot at `fromMs` (now) or later, in monotonic milliseconds.
     */
    apply(
      farms: readonly Farm[],
      fromMs = clock.monotonicMs(),
      moved: ReadonlySet<string> = new Set(),
    ): void {
      const fresh: Round[] = []
      changePlan(plan, farms, {
        slotsFor: (farm, check) => slotsOf(farm.name, check.schedule, fromMs, { clock, originMs }),
        jobFor: (round) => jobOf(round, tick),
        onNewRound: (round) => fresh.push(round),
        onGone: ({ subject, control }) => moved.has(subject.farm) || control.abort(),
      })
      sweepFirst(fresh)
    },
    /** Keeps a cold start out of what is usual for the target, under each of its checks. */
    recycled({ farm, target, fromMs, untilMs }: Recycled): void {
      for (const { entries } of plan.get(farm)?.rounds.values() ?? [])
        for (const entry of entries)
          if (entry.target.name === target || entry.target.role === 'balancer')
            entry.usual.recycled(fromMs, untilMs)
    },
    /** What is not probed for a while; its slots are missed. */
    setApart(quarantined: Quarantined): void {
      setApart = quarantined
    },
    /** Starts nothing more, and waits until nothing is in flight, at most `graceMs`; then aborts and drops the rest. */
    async stop(graceMs: number): Promise<void> {
      timers.stop()
      await inFlight.drain(graceMs)
      for (const { control } of entriesOf(plan)) control.abort()
    },
    inFlight: inFlight.count,
    /** How late the event loop was since the last report; about once a second, undefined in between. */
    loopDelay: inFlight.loopDelay,
  }
}

function jobOf(round: Round, tick: (round: Round, nowMs: number) => void): Job {
  const job: Job = {
    dueMs: round.slots.nextMs(),
    cancelled: false,
    run: (nowMs) => tick(round, Math.max(nowMs, job.dueMs)),
  }
  return job
}

/** Canary and cron checks wait for their own times. */
const hasFirstSweep = ({ check, job }: Round, dueMs: number) =>
  !check.canary && intervalMsOf(check) !== undefined && job.dueMs - dueMs >= sweepFromMs
