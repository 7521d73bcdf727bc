/** A journal that is written in virtual time: weeks of a simulated farm in seconds. */

import { createVirtualClock } from '../../../proof/truth/simulated/virtual_clock.ts'
import { createVirtualFarm } from '../../../proof/truth/simulated/virtual_probe.ts'
import { createVirtualSchedule } from '../../../proof/truth/simulated/virtual_schedule.ts'
import { createMonitor, type Monitor } from '../../../src/detect/monitor.ts'
import { type Journal, openJournal } from '../../../src/journal/journal.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import { endedMs } from '../../../src/model/outcome.ts'
import type { Clock } from '../../../src/runtime/clock.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { quietLog } from '../quiet_log.ts'

/** The journal is asked to write about this often, in virtual milliseconds: each second would take long. */
const writeEveryMs = 600_000

export interface VirtualJournal {
  readonly journal: Journal
  readonly clock: Clock
  /** Lets the clock go on, and the journal write. */
  passTo(ms: number): void
  /** Probes a scenario for so long, from its start on, and records what comes of it. */
  run(scenario: Scenario, seed: number, forMs: number): Promise<void>
}

export function virtualJournal(path: string, startMs: number): VirtualJournal {
  let nowMs = startMs
  let wakes: { dueMs: number; wake: () => void }[] = []
  const clock: Clock = {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, wake) {
      const timer = { dueMs: nowMs + Math.max(delayMs, writeEveryMs), wake }
      wakes.push(timer)
      return () => {
        wakes = wakes.filter((each) => each !== timer)
      }
    },
  }
  const passTo = (ms: number) => {
    nowMs = Math.max(nowMs, ms)
    const due = wakes.filter(({ dueMs }) => dueMs <= nowMs)
    if (due.length === 0) return
    wakes = wakes.filter(({ dueMs }) => dueMs > nowMs)
    for (const { wake } of due) wake()
  }
  const { log } = quietLog()
  const journal = openJournal({ path, keepMs: 90 * 86_400_000, clock, log, version: 'test' })
  const record = (events: readonly FarmEvent[]) => {
    for (const event of events) journal.record(event)
  }
  let monitor: Monitor | undefined
  return {
    journal,
    clock,
    passTo,
    async run(scenario, seed, forMs) {
      const { farm, startMs: fromMs, respond } = createVirtualFarm(scenario, seededRandom(seed))
      monitor ??= createMonitor(farm)
      const watching = monitor
      const schedule = createVirtualSchedule(farm, createVirtualClock(fromMs), respond, (outcome) => {
        passTo(endedMs(outcome))
        journal.observe(outcome)
        record(watching.observe(outcome))
        record(watching.advance(nowMs))
      })
      await schedule.runUntil(fromMs + forMs)
      passTo(nowMs + 2 * writeEveryMs)
    },
  }
}
