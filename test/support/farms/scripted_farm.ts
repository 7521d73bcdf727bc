/** A farm whose answers a test writes down by hand, in simulated time, and the monitor that watches it. */

import { createMonitor, type Monitor, type MonitorOptions } from '../../../src/detect/monitor.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import { balancerName, type Check, type Farm } from '../../../src/model/farm.ts'
import { endedMs, type Outcome } from '../../../src/model/outcome.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { sampleFarm, sampleOutcome } from './sample_farm.ts'

/** A Monday at midnight, UTC: times in tests are seconds after it. */
export const startMs = Date.UTC(2026, 0, 5)

/** What a test says of an outcome; `at` is when it started, seconds after `startMs`. */
export interface Said extends Partial<Outcome> {
  readonly at: number
  readonly target: string
}

let serial = 0

/** An outcome, quick and good unless said otherwise. `firstByteMs` makes it last that long. */
export function anOutcome({ at, ...said }: Said): Outcome {
  const startedMs = startMs + at * 1000
  const ok = (said.reason ?? 'ok') === 'ok'
  const { firstByteMs: _, ...sample } = sampleOutcome()
  const { firstByteMs = ok || said.status ? 20 : undefined } = said
  return {
    ...sample,
    id: `probe-${++serial}`,
    role: said.target === balancerName ? 'balancer' : 'node',
    slotMs: startedMs,
    startedMs,
    detail: ok ? '' : `said to be ${said.reason}`,
    status: ok ? 200 : 0,
    phaseMs: { connect: 1, wait: firstByteMs ?? 1 },
    totalMs: (firstByteMs ?? 0) + 2,
    ...said,
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
  }
}

export interface ScriptedFarm {
  readonly farm: Farm
  readonly monitor: Monitor
  /** All events so far. */
  readonly events: FarmEvent[]
  /** Every target's ticks from one second to another, at each interval; `except` replaces or drops (null) one. */
  ticks(
    from: number,
    to: number,
    except?: (at: number, target: string, check: Check) => Partial<Said> | null | undefined,
  ): void
  /** Single outcomes besides the ticks; they are reported in the order in which they ended, with the next `play`. */
  add(...said: Said[]): void
  /** Tells the monitor everything that ended up to a second, and lets it conclude. */
  play(to: number): FarmEvent[]
  only<K extends FarmEvent['kind']>(kind: K): Extract<FarmEvent, { kind: K }>[]
}

export function scriptedFarm(
  nodes: readonly string[],
  options: MonitorOptions & { checks?: readonly Check[]; farm?: Partial<Farm>; seed?: number } = {},
): ScriptedFarm {
  const { checks, farm: changes } = options
  const farm = sampleFarm({ ...(checks && { checks }), ...changes }, nodes)
  const monitor = createMonitor(farm, options)
  const random = seededRandom(options.seed ?? 1)
  const events: FarmEvent[] = []
  let waiting: Outcome[] = []
  const scripted: ScriptedFarm = {
    farm,
    monitor,
    events,
    ticks(from, to, except = () => undefined) {
      for (const check of farm.checks) {
        const everyS = check.schedule.kind === 'interval' ? check.schedule.intervalMs / 1000 : 3600
        for (let at = from; at < to; at += everyS)
          for (const { name: target, role } of [farm.balancer, ...farm.nodes]) {
            if (!check.targets.includes(role)) continue
            const changed = except(at, target, check)
            if (changed === null) continue
            const firstByteMs = 15 + 10 * random()
            const blackbox = (changed?.reason ?? 'ok') === 'ok' ? { firstByteMs } : {}
            waiting.push(anOutcome({ at, target, check: check.name, ...blackbox, ...changed }))
          }
      }
    },
    add(...said) {
      waiting.push(...said.map(anOutcome))
    },
    play(to) {
      const toMs = startMs + to * 1000
      const due = waiting
        .filter((outcome) => endedMs(outcome) <= toMs)
        .sort((a, b) => endedMs(a) - endedMs(b))
      waiting = waiting.filter((outcome) => endedMs(outcome) > toMs)
      for (const outcome of due) events.push(...monitor.observe(outcome))
      events.push(...monitor.advance(toMs))
      return events
    },
    only: (kind) => events.filter((event) => event.kind === kind) as never,
  }
  return scripted
}

/** Seconds after `startMs` of an event's moment. */
export const secondsOf = (event: { readonly atMs: number }): number => (event.atMs - startMs) / 1000
