/** What the timeline of an incident shows, as spans and marks on each target's lane. */
import type { IncidentAnswer } from '../state/api_client.ts'
import { now } from '../state/server_clock.ts'
import type { IncidentData } from './incident_data.ts'

export interface TimeSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** `well`: probes were answered. `waiting`: a request waits for an answer that is an error in the end. */
export interface LaneSpan extends TimeSpan {
  readonly kind: 'well' | 'waiting' | 'down' | 'stall'
}

export interface Lane {
  readonly target: string
  readonly spans: readonly LaneSpan[]
  readonly marks: readonly { readonly kind: 'cross' | 'recycle' | 'first'; readonly atMs: number }[]
}

/** Nodes that have nothing to do with it are shown up to this number. */
const mostCalm = 3
const mostLanes = 12
const mostCrosses = 150
const fewCrosses = 3
const shortestMs = 20_000
/** A failed answer came this late at least: it is drawn as a wait. */
const longWaitMs = 1000

/** A little more than the incident, so that it is seen how it was before and after. */
export function shownSpan({ openedMs, closedMs }: IncidentAnswer): TimeSpan {
  const endMs = closedMs ?? now()
  const marginMs = Math.max((endMs - openedMs) * 0.12, (shortestMs - (endMs - openedMs)) / 2, 2000)
  return { fromMs: openedMs - marginMs, toMs: closedMs === null ? endMs : endMs + marginMs }
}

/** The balancer, then the nodes that took part, then some that did not; `others` were left out. */
export function lanesOf(data: IncidentData, targets: readonly string[], span: TimeSpan) {
  const all = (targets.length === 0 ? namedIn(data) : targets).map((target) => laneOf(data, target, span))
  const active = all.filter((lane) => !isCalm(lane)).slice(0, mostLanes)
  const calm = all.filter(isCalm)
  const shown = calm.length <= mostCalm + 1 ? calm : calm.slice(0, mostCalm)
  return { lanes: [...active, ...shown], others: calm.length - shown.length }
}

const isCalm = ({ target, spans, marks }: Lane): boolean =>
  target !== 'balancer' && marks.length === 0 && spans.every(({ kind }) => kind === 'well')

/** Of a farm that is gone, what its events name. */
const namedIn = ({ incident, failures }: IncidentData): string[] => [
  ...new Set([
    'balancer',
    ...failures.map(({ target }) => target),
    ...incident.nodes.map(({ node }) => node),
  ]),
]

function laneOf(data: IncidentData, target: string, span: TimeSpan): Lane {
  const { incident, failures } = data
  const own = failures.filter((failure) => failure.target === target)
  const isWithin = (atMs: number) => atMs >= span.fromMs && atMs <= span.toMs
  const waits = own
    .filter(({ totalMs }) => totalMs >= longWaitMs)
    .map(({ atMs, totalMs }) => ({ fromMs: atMs, toMs: atMs + totalMs }))
  const stalls: LaneSpan[] = []
  const marks: Lane['marks'][number][] = []
  for (const event of incident.events) {
    if (!('target' in event) || event.target !== target) continue
    if (event.kind === 'stall')
      stalls.push({ kind: 'stall', fromMs: event.atMs, toMs: event.atMs + event.lengthMs })
    if (event.kind === 'recycle') marks.push({ kind: 'recycle', atMs: event.atMs })
    if (event.kind === 'first_request') marks.push({ kind: 'first', atMs: event.atMs + event.firstByteMs })
  }
  const crosses = own
    .slice(-mostCrosses)
    .map(({ atMs, totalMs }) => ({ kind: 'cross' as const, atMs: atMs + totalMs }))
  // Each failed answer of the balancer is one to a user. Those of a node that is down are one bar, unless there are few.
  const isCrossed = target === 'balancer' ? own.length <= mostCrosses : own.length <= fewCrosses
  const outages = isCrossed && own.length > 0 ? [] : outagesOf(incident, target, span)
  return {
    target,
    spans: [
      ...wellSpans(data, target).map((each) => ({ ...each, kind: 'well' as const })),
      ...merged(waits).map((each) => ({ ...each, kind: 'waiting' as const })),
      ...outages,
      ...stalls,
    ].filter(({ fromMs, toMs }) => toMs >= span.fromMs && fromMs <= span.toMs),
    marks: [...(isCrossed ? crosses : []), ...marks].filter(({ atMs }) => isWithin(atMs)),
  }
}

/** Minutes that had probes, as far as they have begun. */
function wellSpans(
  { strips: { sinceMs, stepMs, untilMs, strips }, incident: { farm } }: IncidentData,
  target: string,
) {
  const probes = strips.find((strip) => strip.farm === farm && strip.target === target)?.probes ?? []
  const cells = probes.flatMap((count, index) =>
    count === 0
      ? []
      : [{ fromMs: sinceMs + index * stepMs, toMs: Math.min(untilMs, sinceMs + (index + 1) * stepMs) }],
  )
  return merged(cells)
}

function outagesOf({ events }: IncidentAnswer, target: string, { toMs }: TimeSpan): LaneSpan[] {
  const closed = events.flatMap((event) =>
    event.kind === 'outage_closed' && event.target === target
      ? [{ check: event.check, fromMs: event.atMs, toMs: event.atMs + event.lengthMs }]
      : [],
  )
  const open = events.flatMap((event) =>
    event.kind === 'outage_opened' &&
    event.target === target &&
    !closed.some(({ check, fromMs }) => check === event.check && fromMs === event.atMs)
      ? [{ check: event.check, fromMs: event.atMs, toMs }]
      : [],
  )
  return merged([...closed, ...open]).map((each) => ({ ...each, kind: 'down' }))
}

/** Those that touch or overlap as one. */
function merged(spans: readonly TimeSpan[]): TimeSpan[] {
  const found: TimeSpan[] = []
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = found.at(-1)
    if (last === undefined || span.fromMs > last.toMs) found.push(span)
    else found[found.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) }
  }
  return found
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400]

/** At most six round times. */
export function axisTicks({ fromMs, toMs }: TimeSpan): number[] {
  const seconds = (toMs - fromMs) / 1000
  const stepMs = 1000 * (steps.find((step) => seconds / step <= 6) ?? Math.ceil(seconds / 6))
  const first = Math.ceil(fromMs / stepMs) * stepMs
  return Array.from({ length: Math.floor((toMs - first) / stepMs) + 1 }, (_, index) => first + index * stepMs)
}
