/** An incident told whole, as text to paste into a ticket. */
import type { FarmEvent } from '../model/event.ts'
import { sentenceOf } from '../model/event_sentence.ts'
import type { Incident } from '../model/incident.ts'
import { printable } from '../runtime/printable.ts'
import { blamePhrase, errorsPhrase, impactPhrase, lengthPhrase, sharePhrase } from './incident_phrases.ts'
import { type Times, timesIn } from './zone_times.ts'

const runbooksUrl = 'https://github.com/farmprobe/farmprobe/blob/main/docs/runbooks'

/** What is known besides the incident itself. */
export interface Surroundings {
  /** The oldest first. */
  readonly events: readonly FarmEvent[]
  /** Incidents of the same culprit in the seven days before. */
  readonly earlier: number
  readonly nowMs: number
}

/** In the times of `times`, and in UTC. */
export function ticketOf(incident: Incident, { events, earlier, nowMs }: Surroundings, times: Times): string {
  const { id, farm, summary, node, cause, confidence, failed, probes, checks, nodes, why, amended } = incident
  const impact = [
    impactPhrase(incident),
    ...(errorsPhrase(incident.errors) === '' ? [] : [errorsPhrase(incident.errors)]),
    ...(probes === 0 ? [] : [`${sharePhrase(failed, probes)} of requests (${failed} of ${probes})`]),
  ]
  const isKnown = node !== 'unknown'
  const lines = [
    `${farm}: ${summary}`,
    '',
    `Incident: ${id}${incident.maintenance ? ', in maintenance' : ''}`,
    `When: ${whenOf(incident, nowMs, times)}`,
    ...(incident.closedMs === null
      ? ['It goes on as far as the journal knows: these are the figures of when it was told last.']
      : []),
    `Impact: ${impact.join('; ')}`,
    ...(checks.length === 0 ? [] : [`Seen by: ${checks.join(', ')}`]),
    `Culprit: ${isKnown ? `${node} (${Math.min(99, Math.round(100 * confidence))} % sure)` : 'nobody for sure'}`,
    ...(isKnown ? [`Cause: ${cause === 'unknown' ? 'not known' : blamePhrase(node, cause)}`] : []),
    ...listed('Nodes', nodes.flatMap(partOf)),
    ...listed(
      'Why',
      why.map(({ weight, sentence }) => (weight === 'against' ? `against it: ${sentence}` : sentence)),
    ),
    ...listed('Known later', amended),
    ...(isKnown ? [`Before: ${earlier === 0 ? 'none' : earlier} by this culprit in 7 days`] : []),
    `Cure: ${incident.cure.replaceAll('`', '')}`,
    `Runbook: ${runbooksUrl}/${incident.runbook}.md`,
    ...listed(`Events (${times.zone(incident.openedMs)})`, storyOf(events, times)),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function whenOf(incident: Incident, nowMs: number, times: Times): string {
  const { openedMs, closedMs } = incident
  const inZone = (zone: Times) =>
    closedMs === null ? `since ${zone.moment(openedMs)}` : zone.span(openedMs, closedMs)
  const [local, utc] = [inZone(times), inZone(timesIn('UTC'))]
  return `${local}${local === utc ? '' : ` (${utc})`}, ${lengthPhrase(incident, nowMs)}`
}

/** Nothing for what only stalled: the reasons tell that. */
function partOf({ node, cause, errors, failures }: Incident['nodes'][number]): string[] {
  const counts = [
    ...(errors > 0 ? [`${errors} × an error of the balancer`] : []),
    ...(failures > 0 ? [`${failures} × a failed probe of its own`] : []),
  ]
  return counts.length === 0 ? [] : [`${blamePhrase(node, cause)}: ${counts.join(', ')}`]
}

const listed = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]

/** The events in order; those alike are one line, when the first of them happened. */
function storyOf(events: readonly FarmEvent[], { clock }: Times): string[] {
  const told = events.filter(({ kind }) => kind !== 'incident_opened' && kind !== 'incident_closed')
  return [...Map.groupBy(told, likeness).values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [
          `${clock(first.atMs)}  ${sentenceOf(first)}${others.length === 0 ? '' : `, and ${others.length} more like it`}`,
        ],
  )
}

const likeness = (event: FarmEvent): string =>
  event.kind === 'balancer_error'
    ? `${event.kind} ${event.node} ${event.cause}`
    : `${event.kind} ${'target' in event ? event.target : ''}`
