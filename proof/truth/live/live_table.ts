/** What each observer saw live, compared with what really happened. */

import type { FarmEvent } from '../../../src/model/event.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import { quantile } from '../../statistics.ts'
import { matchRecycles } from '../scores/match_recycles.ts'
import { ofKind, startOf } from '../scores/scored_window.ts'
import { troubleWindows } from '../scores/trouble_windows.ts'
import { overlap } from '../scores/windows.ts'
import type { Alert } from '../simulated/blackbox_alerts.ts'
import { formatMs, formatOf } from '../tables/figures.ts'
import type { Table } from '../tables/tables.ts'

/** What each observer saw of one farm. */
export interface Seen {
  readonly scenario: Scenario
  readonly startMs: number
  readonly endMs: number
  readonly truth: readonly TruthEvent[]
  readonly farmprobes: readonly FarmprobeSeen[]
  readonly blackbox: readonly BlackboxSeen[]
}

interface FarmprobeSeen {
  readonly intervalS: number
  readonly events: readonly FarmEvent[]
}

export interface BlackboxSeen {
  readonly intervalS: number
  readonly alerts: readonly Alert[]
  /** Scrapes that met a 502, 503 or 504 of the balancer, or nothing. */
  readonly balancerErrors: number
}

export function liveTable(seen: readonly Seen[]): Table {
  const { farmprobes = [], blackbox = [] } = seen[0] ?? {}
  return {
    heading: [
      'farm',
      'what',
      ...farmprobes.map(({ intervalS }) => `farmprobe, every ${intervalS} s`),
      ...blackbox.map(({ intervalS }) => `Prometheus and blackbox_exporter, every ${intervalS} s`),
    ],
    rows: seen.flatMap((each) => [
      ...recycleRows(each),
      ...outageRows(each),
      ...errorRows(each),
      falseAlarmRow(each),
    ]),
  }
}

function recycleRows({ scenario, truth, farmprobes, blackbox }: Seen): string[][] {
  const { real } = matchRecycles(truth, [], scenario)
  if (real.length === 0) return []
  const named = farmprobes.map(({ events }) => {
    const found = matchRecycles(truth, recyclesIn(events), scenario).real.filter(
      ({ reported }) => reported.length > 0,
    )
    return `${formatOf(found.length, real.length)}, with node and time`
  })
  const noticed = blackbox.map(({ alerts, intervalS }) => {
    const found = real.filter(({ node, workers }) =>
      workers
        .map(startOf)
        .some(({ fromMs, toMs }) =>
          alerts.some(
            (alert) =>
              alert.target === node && alert.fromMs >= fromMs && alert.fromMs <= toMs + intervalS * 1000,
          ),
        ),
    )
    return `${formatOf(found.length, real.length)} as slow or down`
  })
  return [[scenario.name, 'recycles', ...named, ...noticed]]
}

const recyclesIn = (events: readonly FarmEvent[]) => events.filter((event) => event.kind === 'recycle')

function outageRows({ scenario, truth, farmprobes, blackbox }: Seen): string[][] {
  const real = ofKind(truth, 'outage')
  if (real.length === 0) return []
  const reported = farmprobes.map(({ events }) =>
    events
      .filter((event) => event.kind === 'outage_closed')
      .map(({ target, atMs, lengthMs }) => ({ target, fromMs: atMs, toMs: atMs + lengthMs })),
  )
  const alerted = blackbox.map(({ alerts }) => alerts.filter(({ kind }) => kind === 'down'))
  const cells = [...reported, ...alerted].map((spans) => {
    const errors = real.flatMap(({ target, atMs, toMs }) => {
      const found = spans.find((span) => span.target === target && overlap(span, { fromMs: atMs, toMs }))
      return found === undefined ? [] : [Math.abs(found.toMs - found.fromMs - (toMs - atMs))]
    })
    const off = errors.length === 0 ? '' : `, length off by ${formatMs(quantile(errors, 0.5))}`
    return `${formatOf(errors.length, real.length)}${off}`
  })
  return [[scenario.name, 'outages of 1 to 3 s', ...cells]]
}

function errorRows({ scenario, truth, farmprobes, blackbox }: Seen): string[][] {
  const errors = new Map(ofKind(truth, 'balancer_error').map((error) => [error.id, error]))
  const explained = farmprobes.map(({ events }) => {
    const reported = events.filter((event) => event.kind === 'balancer_error')
    const right = reported.filter(({ id, node, cause }) => {
      const real = errors.get(id)
      return real?.nodes.includes(node) && [real.cause, ...real.alsoRight].includes(cause)
    })
    return `${reported.length} met, ${right.length} rightly explained`
  })
  const met = blackbox.map(({ balancerErrors }) => `${balancerErrors} met, none explained`)
  return [[scenario.name, "the balancer's errors", ...explained, ...met]]
}

function falseAlarmRow(seen: Seen): string[] {
  const { scenario, truth, farmprobes, blackbox } = seen
  const bad = troubleWindows(truth)
  const isFalse = (target: string, fromMs: number, toMs: number) =>
    !bad(target).some((window) => overlap(window, { fromMs, toMs }))
  const ours = farmprobes.map(({ events }) => {
    const { wrong } = matchRecycles(truth, recyclesIn(events), scenario)
    const outages = events.filter(
      (event) =>
        event.kind === 'outage_closed' && isFalse(event.target, event.atMs, event.atMs + event.lengthMs),
    )
    return wrong.length + outages.length
  })
  const theirs = blackbox.map(
    ({ alerts }: BlackboxSeen) =>
      alerts.filter((each) => isFalse(each.target, each.fromMs, each.toMs)).length,
  )
  return [scenario.name, 'false alarms', ...[...ours, ...theirs].map(String)]
}
