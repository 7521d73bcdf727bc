/** The figures of one farm, or of one of its nodes, within a span: what is compared before and after a mark. */
import { quantile } from '../history/quantile.ts'
import type { BalancerError, FarmEvent } from '../model/event.ts'
import { balancerName } from '../model/farm.ts'
import { isScheduled } from '../model/outcome.ts'
import type { Span } from '../model/past.ts'
import { dayMs, minuteMs } from '../runtime/duration.ts'
import { countInterval, type Interval, quantileInterval, weightedInterval } from './confidence_intervals.ts'

/** Errors this close together have one cause, in milliseconds. */
const bunchGapMs = minuteMs

/** Errors of the balancer that follow each other closely. */
interface Bunch {
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

export interface ToldSpan extends Span {
  /** When a prober gave its last sign: whether what is open went on after that is not known. Absent: at the end of the span. */
  readonly knownUntilMs?: number
}

export interface Period extends ToldSpan {
  /** Milliseconds of it in which the farm was watched. */
  readonly watchedMs: number
  /** Errors that the balancer answered to scheduled probes, by code; `0` is no answer in time. */
  readonly errors: Readonly<Record<string, number>>
  /** Bunches of errors, also of those that only bursts got. */
  readonly bunches: number
  readonly badGatewaysPerDay: Measured
  /** Milliseconds in which users got no good answer: outages of the balancer, on any check. */
  readonly lostMs: number
  readonly recycles: number
  readonly recyclesPerDay: Measured
  /** Absent when there was no first request. */
  readonly firstRequest?: Times
}

/**
 * The figures of a span, from events that may reach beyond it; `node` narrows them down to that node. `usualSize` is
 * how many errors a bunch has in general. What happened in maintenance is left out.
 */
export function periodOf(
  events: readonly FarmEvent[],
  span: ToldSpan,
  watchedMs: number,
  node?: string,
  usualSize = 1,
): Period {
  const within = undisturbed(events, span)
  const bunches = bunchesOf(within, node)
  const sizes = badGatewaySizes(bunches)
  const recycles = within.filter((event) => event.kind === 'recycle' && isOf(event.target, node)).length
  const days = Math.max(watchedMs, 1) / dayMs
  const perDay = (value: number, { low, high }: Required<Interval>): Measured => ({
    value: value / days,
    low: low / days,
    high: high / days,
  })
  const firstRequest = timesOf(
    within.flatMap((event) =>
      event.kind === 'first_request' && isOf(event.target, node) ? [event.firstByteMs] : [],
    ),
  )
  return {
    ...span,
    watchedMs,
    errors: tally(bunches.flatMap(({ errors }) => errors.filter(wasScheduled).map(({ status }) => status))),
    bunches: bunches.length,
    badGatewaysPerDay: perDay(sum(sizes), weightedInterval(sizes, Math.max(usualSize, meanSize(sizes)))),
    lostMs: lostMs(events, span, node ?? balancerName),
    recycles,
    recyclesPerDay: perDay(recycles, countInterval(recycles)),
    ...(firstRequest !== undefined && { firstRequest }),
  }
}

export const undisturbed = (events: readonly FarmEvent[], { sinceMs, untilMs }: Span) =>
  events.filter(({ atMs, maintenance }) => atMs >= sinceMs && atMs < untilMs && !maintenance)

/** Whether a scheduled probe got it. Bursts run in trouble: they would count it many times. */
export const wasScheduled = ({ lane }: BalancerError): boolean => isScheduled(lane)

const isOf = (target: string, node: string | undefined) => node === undefined || node === target

/** How many 502s a bunch has in general, within a span; 1 when there was none. */
export const usualSizeIn = (events: readonly FarmEvent[], span: Span, node?: string): number =>
  meanSize(badGatewaySizes(bunchesOf(undisturbed(events, span), node)))

const meanSize = (sizes: readonly number[]) => (sizes.length === 0 ? 1 : sum(sizes) / sizes.length)

/** The errors of the balancer in bunches, the oldest first; those attributed to a node, when one is given. */
function bunchesOf(events: readonly FarmEvent[], node?: string): Bunch[] {
  const errors = events
    .filter((event) => event.kind === 'balancer_error')
    .filter((error) => isOf(error.node, node))
    .sort((a, b) => a.atMs - b.atMs)
  const bunches: (Bunch & { untilMs: number; errors: BalancerError[] })[] = []
  for (const error of errors) {
    const { atMs } = error
    const last = bunches.at(-1)
    if (last === undefined || atMs - last.untilMs >= bunchGapMs)
      bunches.push({ atMs, untilMs: atMs, errors: [error] })
    else {
      last.errors.push(error)
      last.untilMs = atMs
    }
  }
  return bunches
}

/** How many 502s scheduled probes got in each bunch that has any. */
const badGatewaySizes = (bunches: readonly Bunch[]): number[] =>
  bunches
    .map(({ errors }) => errors.filter((error) => error.status === 502 && wasScheduled(error)).length)
    .filter((size) => size > 0)

export function tally(words: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** Undefined when there are none. */
function timesOf(timesMs: readonly number[]): Times | undefined {
  const sorted = timesMs.toSorted((a, b) => a - b)
  const maxMs = sorted.at(-1)
  if (maxMs === undefined) return undefined
  const at = (q: number): Measured => ({
    value: quantile(sorted, q) ?? 0,
    ...(quantileInterval(sorted, q) ?? { low: 0 }),
  })
  return { count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs }
}

/** Milliseconds of the span in which a target was out on at least one check. */
function lostMs(events: readonly FarmEvent[], span: ToldSpan, target: string): number {
  /** When the last outage that is over began, by check. */
  const overMs = new Map<string, number>()
  for (const event of events)
    if (event.kind === 'outage_closed' && event.target === target)
      overMs.set(event.check, Math.max(event.atMs, overMs.get(event.check) ?? event.atMs))
  const outages = events.flatMap((event): Span[] => {
    if (event.maintenance || !('target' in event) || event.target !== target) return []
    const { atMs: sinceMs } = event
    if (event.kind === 'outage_closed') return [{ sinceMs, untilMs: sinceMs + event.lengthMs }]
    if (event.kind !== 'outage_opened') return []
    const isOpen = sinceMs > (overMs.get(event.check) ?? Number.NEGATIVE_INFINITY)
    return isOpen ? [{ sinceMs, untilMs: span.knownUntilMs ?? span.untilMs }] : []
  })
  return unionMs(outages, span)
}

/** How much of a span is covered, in milliseconds. */
export function unionMs(spans: readonly Span[], { sinceMs, untilMs }: Span): number {
  let covered = 0
  let toMs = sinceMs
  for (const each of spans.toSorted((a, b) => a.sinceMs - b.sinceMs)) {
    const end = Math.min(each.untilMs, untilMs)
    covered += Math.max(0, end - Math.max(each.sinceMs, toMs))
    toMs = Math.max(toMs, end)
  }
  return covered
}
