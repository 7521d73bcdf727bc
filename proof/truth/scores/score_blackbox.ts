/** What the usual set-up noticed: alerts held against the truth, by the same windows that farmprobe is held to. */

import type { Alert, UsualRun } from '../simulated/blackbox_alerts.ts'
import { matchRecycles, type RealRecycle } from './match_recycles.ts'
import { leastOutageMs } from './score_outages.ts'
import { ofKind, scoredSpan, startOf } from './scored_window.ts'
import { troubles } from './trouble_windows.ts'
import { isIn, overlap, type Window } from './windows.ts'

/** What one way of alerting came to. */
interface Noticed {
  /** An alert on the node, of either kind, while the new worker was not warm. What it was, it cannot say. */
  readonly recycles: number
  /** `down` during the outage. */
  readonly outages: number
  /** Length of the `down` alert against the whole outage, in milliseconds. */
  readonly lengthErrorsMs: readonly number[]
  /** Alerts while nothing was wrong with the target. */
  readonly falseAlarms: number
}

export interface UsualScore {
  readonly recycles: number
  readonly outages: number
  /** Probes of the balancer that met an error. */
  readonly balancerErrors: number
  /** Every alerting sample is an alert. */
  readonly eager: Noticed
  /** With `for: 1m`: only what is still there a minute later. */
  readonly patient: Noticed
}

/** A scrape comes this much later at most. */
const lateMs = 15_000
const patienceMs = 60_000

export function scoreUsual(run: UsualRun): UsualScore {
  const { scenario, truth, alerts } = run
  const span = scoredSpan(run)
  const recycles = matchRecycles(truth, [], scenario).real.filter(({ atMs }) => isIn(span, atMs))
  const outages = ofKind(truth, 'outage').filter(
    ({ atMs, toMs }) => toMs - atMs >= leastOutageMs && isIn(span, atMs) && toMs < span.toMs,
  )
  const bad = troubles(truth)
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
    eager: noticedBy(alerts),
    patient: noticedBy(alerts.filter(({ fromMs, toMs }) => toMs - fromMs > patienceMs)),
  }
}

/** An alert that began while the worker started, or while its first request waited, or one scrape later. */
function isNoticed(alerts: readonly Alert[], { node, workers, firstRequests }: RealRecycle): boolean {
  const waits = firstRequests.map(({ atMs, ms }): Window => ({ fromMs: atMs, toMs: atMs + ms }))
  return [...workers.map(startOf), ...waits].some(({ fromMs, toMs }) =>
    alerts.some((alert) => alert.target === node && alert.fromMs >= fromMs && alert.fromMs <= toMs + lateMs),
  )
}
