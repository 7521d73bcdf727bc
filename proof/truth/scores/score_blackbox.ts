/** What blackbox_exporter with alerts noticed: its alerts compared with the truth, by the same windows as farmprobe. */

import type { Alert, BlackboxRun } from '../simulated/blackbox_alerts.ts'
import { matchRecycles, type RealRecycle } from './match_recycles.ts'
import { leastOutageMs } from './score_outages.ts'
import { ofKind, scoredWindow, startOf } from './scored_window.ts'
import { troubleWindows } from './trouble_windows.ts'
import { isIn, overlap, type Window } from './windows.ts'

/** What one way of alerting noticed. */
interface Noticed {
  /** An alert on the node, of either kind, while the new worker was not warm. It cannot name the reason. */
  readonly recycles: number
  /** `down` during the outage. */
  readonly outages: number
  /** Length of the `down` alert against the whole outage, in milliseconds. */
  readonly lengthErrorsMs: readonly number[]
  /** Alerts while nothing was wrong with the target. */
  readonly falseAlarms: number
}

export interface BlackboxScore {
  readonly recycles: number
  readonly outages: number
  /** Probes of the balancer that met an error. */
  readonly balancerErrors: number
  /** Every alerting sample is an alert. */
  readonly atOnce: Noticed
  /** With `for: 1m`: only alerts that are still on a minute later. */
  readonly afterOneMinute: Noticed
}

/** The next scrape comes at most this much later. */
const lateMs = 15_000
const forMs = 60_000

export function scoreBlackbox(run: BlackboxRun): BlackboxScore {
  const { scenario, truth, alerts } = run
  const span = scoredWindow(run)
  const recycles = matchRecycles(truth, [], scenario).real.filter(({ atMs }) => isIn(span, atMs))
  const outages = ofKind(truth, 'outage').filter(
    ({ atMs, toMs }) => toMs - atMs >= leastOutageMs && isIn(span, atMs) && toMs < span.toMs,
  )
  const bad = troubleWindows(truth)
  const isFalse = (alert: Alert) =>
    isIn(span, alert.fromMs) && !bad(alert.target).some((window) => overlap(window, alert))

  const noticedBy = (raised: readonly Alert[]): Noticed => {
    const found = outages.flatMap(({ target, atMs, toMs }) => {
      const down = (alert: Alert) => alert.kind === 'down' && alert.target === target
      const alert = raised.find((each) => down(each) && overlap(each, { fromMs: atMs, toMs }))
      return alert === undefined ? [] : [Math.abs(alert.toMs - alert.fromMs - (toMs - atMs))]
    })
    return {
      recycles: recycles.filter((recycle) => isNoticed(raised, recycle)).length,
      outages: found.length,
      lengthErrorsMs: found,
      falseAlarms: raised.filter(isFalse).length,
    }
  }
  return {
    recycles: recycles.length,
    outages: outages.length,
    balancerErrors: run.balancerErrorsMs.filter((atMs) => isIn(span, atMs)).length,
    atOnce: noticedBy(alerts),
    afterOneMinute: noticedBy(alerts.filter(({ fromMs, toMs }) => toMs - fromMs > forMs)),
  }
}

/** An alert that began while the worker started, or while its first request waited, or one scrape later. */
function isNoticed(alerts: readonly Alert[], { node, workers, firstRequests }: RealRecycle): boolean {
  const waits = firstRequests.map(({ atMs, ms }): Window => ({ fromMs: atMs, toMs: atMs + ms }))
  return [...workers.map(startOf), ...waits].some(({ fromMs, toMs }) =>
    alerts.some((alert) => alert.target === node && alert.fromMs >= fromMs && alert.fromMs <= toMs + lateMs),
  )
}
