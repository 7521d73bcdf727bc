/** How things stand on one farm: levels, for gauges and pages; what changed is told by events. */

import type { Verdict } from '../model/event.ts'
import type { Subject } from '../model/outcome.ts'
import { baselineMs, highMs } from './baseline.ts'
import { allSeries, type FarmWatch } from './farm_state.ts'
import { verdictTimes } from './verdict.ts'

export interface BaselineReading {
  readonly target: string
  readonly check: string
  /** Median warm time to first byte, in milliseconds. */
  readonly baselineMs: number
  /** What 98 of 100 warm answers keep to, in milliseconds. */
  readonly highMs: number
}

interface VerdictReading {
  readonly check: string
  /** Undefined until the first tick has been judged. */
  readonly verdict: Verdict | undefined
  /** Since when it holds, wall milliseconds. */
  readonly sinceMs: number
  /** Milliseconds spent in each verdict so far, the present one included. */
  readonly spentMs: Readonly<Record<Verdict, number>>
}

interface OutageReading extends Subject {
  readonly openedMs: number
}

export interface Readings {
  readonly baselines: readonly BaselineReading[]
  readonly verdicts: readonly VerdictReading[]
  readonly openOutages: readonly OutageReading[]
  readonly lastRecycles: readonly { readonly target: string; readonly atMs: number }[]
}

/** The readings of a farm; `nowMs` is wall milliseconds. */
export const readingsOf = (watch: FarmWatch, nowMs: number): Readings => ({
  baselines: baselinesOf(watch),
  verdicts: [...watch.verdicts].map(([check, state]) => ({
    check,
    verdict: state.verdict,
    sinceMs: state.sinceMs,
    spentMs: verdictTimes(state, nowMs),
  })),
  openOutages: openOutagesOf(watch),
  lastRecycles: [...watch.nodes.values()].flatMap(({ name, recycles }) => {
    const last = recycles.told.at(-1)
    return last === undefined ? [] : [{ target: name, atMs: last.atMs }]
  }),
})

function baselinesOf(watch: FarmWatch): BaselineReading[] {
  const readings: BaselineReading[] = []
  for (const { target, check, baseline } of allSeries(watch)) {
    const median = baselineMs(baseline)
    const high = highMs(baseline)
    if (median !== undefined && high !== undefined)
      readings.push({ target: target.name, check: check.name, baselineMs: median, highMs: high })
  }
  return readings
}

function openOutagesOf(watch: FarmWatch): OutageReading[] {
  const readings: OutageReading[] = []
  for (const { target, check, outage } of allSeries(watch))
    if (outage.state.kind === 'down') {
      const { openedMs } = outage.state.outage
      readings.push({
        farm: watch.farm.name,
        role: target.role,
        target: target.name,
        check: check.name,
        openedMs,
      })
    }
  return readings
}
