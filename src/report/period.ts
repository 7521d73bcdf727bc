/** What happened to one farm, or to one of its nodes, within some time: the numbers that before and after are told by. */

import type { BalancerError, FarmEvent, FirstRequest } from '../model/event.ts'
import { balancerName } from '../model/farm.ts'
import type { Span } from '../model/past.ts'
import {
  countInterval,
  type Interval,
  quantile,
  quantileInterval,
  weightedInterval,
} from './confidence_intervals.ts'

/** Errors this close together have one cause, in milliseconds. */
const incidentGapMs = 60_000
const dayMs = 86_400_000

/** A bunch of errors of the balancer. */
export interface Incident {
  readonly atMs: number
  readonly untilMs: number
  readonly errors: readonly BalancerError[]
}

/** A figure with its 95 % interval. */
export interface Measured extends Interval {
  readonly value: number
}

interface Times {
  readonly count: number
  readonly p50Ms: Measured
  readonly p95Ms: Measured
  readonly maxMs: number
}

export interface Period extends Span {
  /** Milliseconds of it in which the farm was watched. */
  readonly watchedMs: number
  /** Errors that the balancer answered to scheduled probes, by code; `0` is no answer in time. */
  readonly errors: Readonly<Record<string, number>>
  /** Bunches of errors, also of those that only bursts met. */
  readonly incidents: number
  readonly badGatewaysPerDay: Measured
  /** Milliseconds in which users got no good answer: outages of the balancer, on any check. */
  readonly lostMs: number
  readonly recycles: number
  readonly recyclesPerDay: Measured
  /** Absent when there was no first request. */
  readonly firstRequest?: Times
}

/** How large a bunch of 502s is usually; for a time without any. */
const usualBunch = (bunches: readonly number[]): number => {
  const total = bunches.reduce((sum, size) => sum + size, 0)
  return total === 0 ? 1 : total / bunches.length
}

/**
 * The figures of a span, from events that may reach beyond it; `node` narrows them down to that node. `usual` is how
 * large a bunch of errors is in general. What happened in maintenance is left out.
 */
export function periodOf(
  events: readonly FarmEvent[],
  span: Span,
  watchedMs: number,
  node?: string,
  usual = 1,
): Period {
  const within = events.filter(
    ({ atMs, maintenance }) => atMs >= span.sinceMs && atMs < span.untilMs && !maintenance,
  )
  const incidents = incidentsOf(within, node)
  const bunches = badGatewayBunches(incidents)
  const recycles = within.filter((event) => event.kind === 'recycle' && isOf(event.target, node)).length
  const days = Math.max(watchedMs, 1) / dayMs
  const perDay = (value: number, { low, high }: Required<Interval>): Measured => ({
    value: value / days,
    low: low / days,
    high: high / days,
  })
  const firstRequest = timesOf(
    within.filter((event) => event.kind === 'first_request' && isOf(event.target, node)),
  )
  const badGateways = bunches.reduce((sum, size) => sum + size, 0)
  return {
    ...span,
    watchedMs,
    errors: countBy(incidents.flatMap(({ errors }) => errors.filter(isScheduled))),
    incidents: incidents.length,
    badGatewaysPerDay: perDay(badGateways, weightedInterval(bunches, Math.max(usual, usualBunch(bunches)))),
    lostMs: lostMs(events, span, node ?? balancerName),
    recycles,
    recyclesPerDay: perDay(recycles, countInterval(recycles)),
    ...(firstRequest !== undefined && { firstRequest }),
  }
}

/** Whether a probe met it that would have run in any case. Bursts run in trouble: they would count it many times. */
export const isScheduled = ({ lane }: BalancerError): boolean => lane !== 'burst' && lane !== 'sweep'

const isOf = (target: string, node: string | undefined) => node === undefined || node === target

/** How large a bunch of 502s is usually within a span. */
export const usualBunchIn = (
  events: readonly FarmEvent[],
  { sinceMs, untilMs }: Span,
  node?: string,
): number =>
  usualBunch(
    badGatewayBunches(
      incidentsOf(
        events.filter(({ atMs, maintenance }) => atMs >= sinceMs && atMs < untilMs && !maintenance),
        node,
      ),
    ),
  )

/** The errors of the balancer in bunches, the oldest first; those that a node is blamed for, when one is given. */
export function incidentsOf(events: readonly FarmEvent[], node?: string): Incident[] {
  const errors = events
    .filter((event) => event.kind === 'balancer_error')
    .filter((error) => node === undefined || error.node === node)
    .sort((a, b) => a.atMs - b.atMs)
  const bunches: BalancerError[][] = []
  for (const error of errors) {
    const last = bunches.at(-1)
    if (last !== undefined && error.atMs - (last.at(-1) as BalancerError).atMs < incidentGapMs)
      last.push(error)
    else bunches.push([error])
  }
  return bunches.map((bunch) => ({
    atMs: (bunch[0] as BalancerError).atMs,
    untilMs: (bunch.at(-1) as BalancerError).atMs,
    errors: bunch,
  }))
}

const badGatewayBunches = (incidents: readonly Incident[]): number[] =>
  incidents
    .map(({ errors }) => errors.filter((error) => error.status === 502 && isScheduled(error)).length)
    .filter((size) => size > 0)

function countBy(errors: readonly BalancerError[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of errors) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** First-byte times of first requests; undefined when there are none. */
function timesOf(events: readonly FarmEvent[]): Times | undefined {
  const sorted = (events as readonly FirstRequest[])
    .map(({ firstByteMs }) => firstByteMs)
    .sort((a, b) => a - b)
  if (sorted.length === 0) return undefined
  const at = (q: number): Measured => ({
    value: quantile(sorted, q) ?? 0,
    ...(quantileInterval(sorted, q) ?? { low: 0 }),
  })
  return { count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: sorted.at(-1) ?? 0 }
}

/** Milliseconds of the span in which a target was out on at least one check. */
function lostMs(events: readonly FarmEvent[], span: Span, target: string): number {
  const closed = events.filter((event) => event.kind === 'outage_closed' && event.target === target)
  const spans = events.flatMap((event): Span[] => {
    if (event.maintenance || !('target' in event) || event.target !== target) return []
    const sinceMs = event.atMs
    if (event.kind === 'outage_closed') return [{ sinceMs, untilMs: sinceMs + event.lengthMs }]
    if (event.kind !== 'outage_opened') return []
    const over = closed.some(
      (each) => each.kind === 'outage_closed' && each.check === event.check && each.atMs >= sinceMs,
    )
    return over ? [] : [{ sinceMs, untilMs: span.untilMs }]
  })
  return unionMs(spans, span)
}

/** How much of a span is covered, in milliseconds. */
export function unionMs(spans: readonly Span[], { sinceMs, untilMs }: Span): number {
  let covered = 0
  let toMs = sinceMs
  for (const each of spans.toSorted((a, b) => a.sinceMs - b.sinceMs)) {
    const end = Math.min(each.untilMs, untilMs)
    if (end > toMs) covered += end - Math.max(each.sinceMs, toMs)
    toMs = Math.max(toMs, end)
  }
  return covered
}
