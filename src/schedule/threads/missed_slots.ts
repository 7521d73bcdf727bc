/**
 * Counts the slots of every check on the main thread, and which of them were missed. A prober reports the slots that it
 * passed over or had no room for; when its thread ends, what it had in flight and what fell due meanwhile is found here,
 * because the main thread knows the grid as well as the probers do.
 */
import { type Farm, type Schedule, targetsOf } from '../../model/farm.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import type { Clock } from '../../runtime/clock.ts'
import { cronSlots } from '../cron_slots.ts'
import { firstSlot, type Grid, gridOf } from '../grid.ts'
import type { Missed } from './prober_messages.ts'

export interface Ledger {
  /** Makes `farms` the plan from `fromMs`, in monotonic milliseconds; checks and targets they no longer have are dropped. */
  keep(farms: readonly Farm[], fromMs: number): void
  drop(farm: string): void
  /** Accounts for the slot of an outcome; false when its check or target is not in the plan. */
  outcome(outcome: Outcome): boolean
  /** Accounts for slots that a prober reports as missed; false when the subject is not in the plan. */
  missed(subject: Subject, count: number): boolean
  /** The slots of the farms, due until `nowMs`, that are not accounted for, and from now on are: as missed. */
  lost(farms: readonly string[], nowMs: number): Missed[]
}

interface Account {
  readonly subject: Subject
  /** Slots the clock of its check had counted when this account was opened. */
  readonly openedAt: number
  /** Slots that became an outcome or were missed. */
  settled: number
}

/** Counts the slots of one check of one farm as time goes by. */
interface SlotClock {
  readonly schedule: Schedule
  /** Slots due before `nowMs`, since the beginning. */
  count(nowMs: number): number
}

interface CheckAccounts {
  readonly clock: SlotClock
  readonly targets: ReadonlyMap<string, Account>
}

/** A ledger without farms. `originMs` anchors the grids, as it does for the probers. */
export function createLedger(clock: Clock, originMs: number): Ledger {
  const farms = new Map<string, Map<string, CheckAccounts>>()
  const wallOf = (monotonicMs: number) => clock.wallMs() - (clock.monotonicMs() - monotonicMs)

  const settle = ({ farm, check, target }: Subject, count: number): boolean => {
    const accounts = farms.get(farm)?.get(check)
    const account = accounts?.targets.get(target)
    if (accounts === undefined || account === undefined) return false
    account.settled += count
    // The clock of a cron check looks back a day at most, so it has to be advanced with every slot.
    if (count > 0 && accounts.clock.schedule.kind === 'cron') accounts.clock.count(clock.monotonicMs())
    return true
  }

  const slotClock = (farm: string, schedule: Schedule, before: number, fromMs: number): SlotClock =>
    schedule.kind === 'interval'
      ? gridClock(schedule, gridOf(farm, schedule.intervalMs, originMs), before, fromMs)
      : cronClock(schedule, before, fromMs, wallOf)

  const keepFarm = (farm: Farm, fromMs: number) => {
    const before = farms.get(farm.name)
    const checks = new Map<string, CheckAccounts>()
    for (const check of farm.checks) {
      const known = before?.get(check.name)
      const slots =
        known && isSameSchedule(known.clock.schedule, check.schedule)
          ? known.clock
          : slotClock(farm.name, check.schedule, known?.clock.count(fromMs) ?? 0, fromMs)
      const openedAt = slots.count(fromMs)
      const targets = new Map<string, Account>()
      for (const { role, name } of targetsOf(farm, check)) {
        const subject = { farm: farm.name, role, target: name, check: check.name }
        targets.set(name, known?.targets.get(name) ?? { subject, openedAt, settled: 0 })
      }
      checks.set(check.name, { clock: slots, targets })
    }
    farms.set(farm.name, checks)
  }
  return {
    keep: (kept, fromMs) => kept.forEach((farm) => keepFarm(farm, fromMs)),
    drop: (farm) => void farms.delete(farm),
    outcome: (outcome) => settle(outcome, outcome.lane === 'tick' || outcome.lane === 'canary' ? 1 : 0),
    missed: settle,
    lost(names, nowMs) {
      const checks = names.flatMap((name) => [...(farms.get(name)?.values() ?? [])])
      return checks.flatMap((accounts) => lostOf(accounts, nowMs))
    },
  }
}

function lostOf({ clock, targets }: CheckAccounts, nowMs: number): Missed[] {
  const due = clock.count(nowMs)
  const lost: Missed[] = []
  for (const account of targets.values()) {
    const count = due - account.openedAt - account.settled
    if (count <= 0) continue
    account.settled += count
    lost.push({ subject: account.subject, count })
  }
  return lost
}

function gridClock(schedule: Schedule, grid: Grid, before: number, fromMs: number): SlotClock {
  const first = firstSlot(grid, fromMs)
  return { schedule, count: (nowMs) => before + Math.max(0, firstSlot(grid, nowMs) - first) }
}

function cronClock(
  schedule: Schedule & { kind: 'cron' },
  before: number,
  fromMs: number,
  wallOf: (monotonicMs: number) => number,
): SlotClock {
  const slots = cronSlots(schedule.cron, schedule.timezone, wallOf(fromMs))
  let counted = before
  return {
    schedule,
    count(nowMs) {
      counted += slots.advance(wallOf(nowMs)).count
      return counted
    },
  }
}

const isSameSchedule = (a: Schedule, b: Schedule) => JSON.stringify(a) === JSON.stringify(b)
