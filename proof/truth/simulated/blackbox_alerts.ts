/**
 * blackbox_exporter with alerts, on the same simulated farm: Prometheus scrapes blackbox_exporter every 15 s, which then
 * makes one probe of one target. The set-up is the best possible: every target is probed (most people only probe the
 * balancer), and every sample is evaluated. It is scored twice: with alerts without `for`, and with `for: 1m`, which most
 * people add after too many false alarms.
 *
 * - A probe has 9.5 s (the scrape's default time-out of 10 s, less half a second) and is good when it ends in a 2xx.
 * - It keeps the last values of `probe_success` and `probe_duration_seconds`. What happens between two scrapes is not seen.
 * - `down` while `probe_success == 0`.
 * - `slow` while `probe_duration_seconds > 3 * avg_over_time(probe_duration_seconds[1h])`.
 * - An alert is a run of such samples of one target; it lasts from the first of them until the next good one.
 * - It knows no recycles, and cannot name the node that made the balancer fail, nor the reason: an alert at the right time
 *   on the right target counts as noticed.
 *
 * Each of the two observers has a farm of its own, because probes change what they measure; with the same seed the same
 * happens to both.
 */
import { type Check, type Target, targetsOf } from '../../../src/model/farm.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { hourMs } from '../../../src/runtime/duration.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { shareOf } from '../../../src/runtime/share.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import { createVirtualFarm } from './virtual_probe.ts'

const intervalMs = 15_000
const timeoutMs = 9500
const meanOverMs = hourMs
const times = 3

/** A run of alerting samples of one target. */
export interface Alert {
  readonly target: string
  readonly kind: 'down' | 'slow'
  /** The first alerting sample, and the first after it that was good again: wall milliseconds. */
  readonly fromMs: number
  readonly toMs: number
}

export interface BlackboxRun {
  readonly scenario: Scenario
  readonly startMs: number
  readonly endMs: number
  readonly truth: readonly TruthEvent[]
  readonly alerts: readonly Alert[]
  /** Probes of the balancer that met a 502, 503 or 504, or nothing in time: when they were made. */
  readonly balancerErrorsMs: readonly number[]
}

interface Watcher {
  readonly target: Target
  readonly check: Check
  readonly alerting: ReturnType<typeof createAlerting>
  dueMs: number
}

/** Watches a farm for `forMs` with blackbox_exporter and alerts. */
export function watchWithBlackbox(scenario: Scenario, seed: number, forMs: number): BlackboxRun {
  const virtual = createVirtualFarm(scenario, seededRandom(seed))
  const { farm, startMs, truth } = virtual
  const endMs = startMs + forMs
  const alerts: Alert[] = []
  const balancerErrorsMs: number[] = []
  const watchers: Watcher[] = farm.checks.flatMap((check) =>
    targetsOf(farm, check).map((target) => ({
      target,
      check: { ...check, timeoutMs },
      alerting: createAlerting(target.name, (alert) => alerts.push(alert)),
      // Prometheus spreads its targets over the interval by a hash.
      dueMs: startMs + shareOf(`${target.name} ${check.name}`) * intervalMs,
    })),
  )
  for (;;) {
    const watcher = watchers.reduce((first, each) => (each.dueMs < first.dueMs ? each : first))
    const { target, check, dueMs, alerting } = watcher
    if (dueMs >= endMs) break
    const order = { farm, check, target, lane: 'tick', slotMs: dueMs, lagMs: 0 } as const
    const outcome = virtual.respond(order, dueMs)
    alerting.sample(dueMs, isSuccess(outcome), outcome.totalMs)
    if (target.role === 'balancer' && isBalancerError(outcome)) balancerErrorsMs.push(dueMs)
    watcher.dueMs += intervalMs
  }
  for (const { alerting } of watchers) alerting.end(endMs)
  return { scenario, startMs, endMs, truth, alerts, balancerErrorsMs }
}

/** As blackbox_exporter defines it: a status of 2xx in time. */
const isSuccess = ({ status, reason, totalMs }: Outcome): boolean =>
  status >= 200 && status < 300 && reason !== 'body_timeout' && totalMs <= timeoutMs

const isBalancerError = ({ status, reason }: Outcome): boolean =>
  (status >= 502 && status <= 504) || (status === 0 && reason !== 'ok')

/** The two alerts of one target, computed from the samples of its gauges. */
export function createAlerting(target: string, raise: (alert: Alert) => void) {
  const durations: { readonly atMs: number; readonly ms: number }[] = []
  let oldest = 0
  let sumMs = 0
  const since: { down?: number; slow?: number } = {}

  const set = (kind: Alert['kind'], isOn: boolean, atMs: number) => {
    const fromMs = since[kind]
    if (isOn && fromMs === undefined) since[kind] = atMs
    if (isOn || fromMs === undefined) return
    delete since[kind]
    raise({ target, kind, fromMs, toMs: atMs })
  }
  const meanMs = (atMs: number, ms: number): number => {
    durations.push({ atMs, ms })
    sumMs += ms
    while ((durations[oldest]?.atMs ?? atMs) <= atMs - meanOverMs) sumMs -= durations[oldest++]?.ms ?? 0
    return sumMs / (durations.length - oldest)
  }
  return {
    /** Takes in one probe: its time, and `probe_success` and `probe_duration_seconds` (here in ms). */
    sample(atMs: number, success: boolean, durationMs: number): void {
      set('down', !success, atMs)
      set('slow', durationMs > times * meanMs(atMs, durationMs), atMs)
    },
    /** Ends the alerts that are still on. */
    end(atMs: number): void {
      set('down', false, atMs)
      set('slow', false, atMs)
    },
  }
}
