/** What is normal on a farm: a baseline for each target under each check. */
import { balancerName, type Check, type Target } from '../model/farm.ts'
import { isScheduled, isSuspect, seriesKey } from '../model/outcome.ts'
import {
  type Baseline,
  baselineMs,
  createBaseline,
  forgetColdStart,
  highMs,
  observeBaseline,
  restoreBaseline,
  saveBaseline,
  shiftBaseline,
  suspicious,
} from './baseline.ts'
import type { Detector } from './detector.ts'
import { bySeries, createMemories } from './memories.ts'

export interface BaselineReading {
  readonly target: string
  readonly check: string
  /** Median warm time to first byte, in milliseconds. */
  readonly baselineMs: number
  /** What 98 of 100 warm answers keep to, in milliseconds. */
  readonly highMs: number
}

export interface Baselines extends Detector {
  get(key: string): Baseline | undefined
  /** Whether a first-byte time is far above what is normal for a series. */
  isSlow(key: string, firstByteMs: number): boolean
  /** What 98 of 100 warm answers keep to, at most three times the median, in milliseconds; 0 until it is known. */
  usualMs(node: string, check: string): number
  /** The median of warm answers, in milliseconds; 0 until it is known. */
  normalMs(node: string, check: string): number
  /** What waited for a new worker of a node from `fromMs` to `untilMs` is not normal, for it and for the balancer. */
  forget(node: string, fromMs: number, untilMs: number): void
  readings(): BaselineReading[]
}

export function createBaselines(): Baselines {
  const baselines = createMemories(
    bySeries,
    { empty: createBaseline, save: saveBaseline, restore: restoreBaseline, shifted: shiftBaseline },
    ({ check: before, target: from }, { check: after, target: to }) =>
      sameRequest(before, after) && sameAddress(from, to),
  )
  return {
    ...baselines,
    isSlow(key, firstByteMs) {
      const baseline = baselines.get(key)
      return baseline !== undefined && suspicious(baseline, firstByteMs)
    },
    usualMs: (node, check) => usualMs(baselines.get(seriesKey(node, check))),
    normalMs(node, check) {
      const baseline = baselines.get(seriesKey(node, check))
      return (baseline && baselineMs(baseline)) ?? 0
    },
    observe({ outcome, proof, series }, nowMs) {
      const { firstByteMs, lane } = outcome
      const baseline = baselines.get(series.key)
      // Bursts and sweeps run in trouble and would bend it.
      if (baseline === undefined || proof !== 'ok' || isSuspect(outcome) || !isScheduled(lane)) return
      if (firstByteMs !== undefined) observeBaseline(baseline, firstByteMs, nowMs)
    },
    forget(node, fromMs, untilMs) {
      for (const { subject, state } of baselines.all())
        if (subject.target.name === node || subject.target.name === balancerName)
          forgetColdStart(state, fromMs, untilMs)
    },
    readings: () =>
      [...baselines.all()].flatMap(({ subject: { target, check }, state }) => {
        const median = baselineMs(state)
        const high = highMs(state)
        if (median === undefined || high === undefined) return []
        return [{ target: target.name, check: check.name, baselineMs: median, highMs: high }]
      }),
  }
}

/** Where every tenth request waits for a start, that is in the tail and not usual all the same. */
const usualMs = (baseline: Baseline | undefined): number =>
  Math.min(highMs(baseline) ?? 0, 3 * ((baseline && baselineMs(baseline)) ?? 0))

/** What decides how long an answer takes: another schedule or time-out does not. */
const sameRequest = (a: Check, b: Check): boolean =>
  a.path === b.path && a.method === b.method && a.body === b.body && a.connection === b.connection

const sameAddress = (a: Target, b: Target): boolean =>
  a.scheme === b.scheme && a.host === b.host && a.port === b.port
