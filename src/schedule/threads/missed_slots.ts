/**
 * Counts the slots of every check on the main thread, and which of them were missed. A prober reports the slots that it
 * passed over or had no room for; when its thread ends, what it had in flight and what fell due meanwhile is found here,
 * because the main thread knows the grid as well as the probers do.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Farm, type Schedule, targetsOf } from '../../model/farm.ts'
import { isScheduled, type Outcome, type Subject } from '../../model/outcome.ts'
import type { Clock } from '../../runtime/clock.ts'
import { slotsOf } from '../slots.ts'
import type { Missed } from './prober_messages.ts'

export type Ledger = ReturnType<typeof createLedger>

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

/** Less than any slot is apart from the next. */
const momentMs = 0.01

/** A ledger without farms. `originMs` anchors the grids, as it does for the probers. */
export function createLedger(clock: Clock, originMs: number) {
  const farms = new Map<string, Map<string, CheckAccounts>>()

  /** A node through the balancer has no account: until its cookie is known, nothing is due. */
  const settle = ({ farm, role, check, target }: Subject, count: number): boolean => {
    if (role === 'through') return farms.get(farm)?.has(check) === true
    const accounts = farms.get(farm)?.get(check)
    const account = accounts?.targets.get(target)
    if (accounts === undefined || account === undefined) return false
    account.settled += count
    // The clock of a cron check looks back a day at most, so it has to be advanced with every slot.
    if (count > 0 && accounts.clock.schedule.kind === 'cron') accounts.clock.count(clock.monotonicMs())
    return true
  }

  /** Counts on from `before`. A slot that is due at `nowMs` itself belongs to what comes after. */
  const slotClock = (farm: string, schedule: Schedule, before: number, fromMs: number): SlotClock => {
    const slots = slotsOf(farm, schedule, fromMs, { clock, originMs })
    let counted = before
    return {
      schedule,
      count(nowMs) {
        const { dueMs, missed } = slots.advance(nowMs - momentMs)
        counted += missed + (dueMs === undefined ? 0 : 1)
        return counted
      },
    }
  }
  const keepFarm = (farm: Farm, fromMs: number) => {
    const before = farms.get(farm.name)
    const checks = new Map<string, CheckAccounts>()
    for (const check of farm.checks) {
      const known = before?.get(check.name)
      const slots =
        known && isDeepStrictEqual(known.clock.schedule, check.schedule)
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
    /** Makes `kept` the plan from `fromMs`, in monotonic ms; checks and targets they no longer have are dropped. */
    keep: (kept: readonly Farm[], fromMs: number): void => kept.forEach((farm) => keepFarm(farm, fromMs)),
    drop: (farm: string): void => void farms.delete(farm),
    /** Accounts for the slot of an outcome; false when its check or target is not in the plan. */
    outcome: (outcome: Outcome): boolean => settle(outcome, isScheduled(outcome.lane) ? 1 : 0),
    /** Accounts for slots that a prober reports as missed; false when the subject is not in the plan. */
    missed: (subject: Subject, count: number): boolean =>
      subject.role !== 'through' && settle(subject, count),
    /** The slots of the farms, due until `nowMs`, that are not accounted for, and from now on are: as missed. */
    lost(names: readonly string[], nowMs: number): Missed[] {
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
