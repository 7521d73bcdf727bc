/** An incident as text to paste into a ticket. */
import { type Incident, isOpen, lengthMs, timesInWeek } from '../state/known_incidents.ts'
import { age, length, ordinal, share } from '../words/format.ts'
import {
  causeAlone,
  confidencePercent,
  confidenceWords,
  culpritWords,
  errorWords,
  impactWords,
} from '../words/incident_words.ts'
import { clockTime, dayOfYear, utcTime, zone } from '../words/times.ts'

export function ticketText(
  incident: Incident,
  all: readonly Incident[],
  runbook: string,
  link: string,
): string {
  const { farm, summary, node, confidence, impact, failed, probes, cure } = incident
  const times = timesInWeek(incident, all)
  const { present, past } = impactWords[impact]
  const users = [
    isOpen(incident) ? present : past,
    ...(errorWords(incident) === '' ? [] : [errorWords(incident)]),
    ...(probes === 0 ? [] : [`${share(failed, probes)} of requests (${failed} of ${probes})`]),
  ]
  const sure = node === 'unknown' ? '' : ` (${confidenceWords(confidence)}, ${confidencePercent(confidence)})`
  return [
    `${farm}: ${summary}`,
    '',
    `When: ${whenWords(incident)}`,
    `Impact: ${users.join('; ')}`,
    `Culprit: ${culpritWords(node)}${sure}`,
    `Cause: ${causeAlone(incident)}`,
    `Before: ${times === 1 ? 'the first' : `the ${ordinal(times)}`} in 7 days`,
    `Cure: ${cure.replaceAll('`', '')}`,
    `Runbook: ${runbook}`,
    `Evidence: ${link}`,
  ].join('\n')
}

function whenWords(incident: Incident): string {
  const { openedMs, closedMs } = incident
  if (closedMs === null)
    return `since ${dayOfYear(openedMs)}, ${clockTime(openedMs)} ${zone(openedMs)} (${utcTime(openedMs)} UTC), ${age(lengthMs(incident))} so far`
  const local = `${dayOfYear(openedMs)}, ${clockTime(openedMs)} to ${clockTime(closedMs)} ${zone(closedMs)}`
  return `${local} (${utcTime(openedMs)} to ${utcTime(closedMs)} UTC), ${length(lengthMs(incident))}`
}
