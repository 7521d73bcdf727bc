/** What happens on farms as lines of the log, with fields for machines. */
import type { FarmEvent, IncidentEvent } from '../model/event.ts'
import { sentenceOf } from '../model/event_sentence.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Log } from '../runtime/log.ts'

/**
 * Writes each event as a line. An incident is a warning when it opens, when it reaches users and when it closes; what
 * belongs to it is its detail, at level debug. `linkTo` gives the address of its page.
 */
export function createEventLog(log: Log, linkTo: (incident: string) => string): (event: FarmEvent) => void {
  return (event) => {
    const words = `${event.farm}: ${sentenceOf(event)}`
    if (event.kind === 'incident_opened' || event.kind === 'incident_closed') {
      const isLate = event.snapshot.amended.length > 0
      const link = linkTo(event.incident)
      const line = `${words}; ${link}`
      if (isLate) log.info(incidentFields(event), line)
      else log.warn(incidentFields(event), line)
    } else if (event.incident === undefined) log.info(fieldsOf(event), words)
    else log.debug(fieldsOf(event), words)
  }
}

function incidentFields({ kind, farm, incident, maintenance, atMs, snapshot }: IncidentEvent) {
  const { impact, node, cause, confidence, failedShare } = snapshot
  return {
    event: kind,
    farm,
    incident,
    impact,
    node,
    cause,
    confidence: hundredths(confidence),
    failedShare: hundredths(failedShare),
    ...(maintenance && { maintenance }),
    at: new Date(atMs).toISOString(),
  }
}

/** The event without what its sentence says at length. */
function fieldsOf(event: FarmEvent): Record<string, unknown> {
  const { kind, farm, atMs, maintenance, ...rest } = event
  const { detail: _detail, sentence: _sentence, id, ...fields } = rest as Record<string, unknown>
  return {
    event: kind,
    farm,
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, rounded(name, value)])),
    ...(id !== undefined && { probe: id }),
    ...(maintenance && kind !== 'maintenance' && { maintenance }),
    at: new Date(atMs).toISOString(),
  }
}

/** Whole milliseconds, and shares in hundredths: the sentence is for people, and the journal has every digit. */
const rounded = (name: string, value: unknown): unknown => {
  if (typeof value !== 'number') return value
  return name.endsWith('Ms') ? Math.round(value) : hundredths(value)
}

const hundredths = (share: number): number => Math.round(share * 100) / 100

/** At level debug every probe is a line, with the id that the servers' own logs can be joined on. */
export function logProbe(log: Log, outcome: Outcome): void {
  const { id, farm, role, target, check, lane, reason, status, firstByteMs, totalMs } = outcome
  log.debug({ id, farm, role, target, check, lane, reason, status, firstByteMs, totalMs }, 'probed')
}
