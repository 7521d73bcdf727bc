import { distance } from 'fastest-levenshtein'
import type { JournalReader } from '../journal/read/reader.ts'
import type { Incident } from '../model/incident.ts'
import { belongsTo, spanAround } from '../model/incident_events.ts'
import type { Span } from '../model/past.ts'
import { blamePhrase, impactPhrase, lengthPhrase } from '../report/incident_phrases.ts'
import { ticketOf } from '../report/incident_ticket.ts'
import { timesIn } from '../report/zone_times.ts'
import { dayMs } from '../runtime/duration.ts'
import { greatest } from '../runtime/extremes.ts'
import { eventView } from '../web/live/event_view.ts'
import type { Edge } from './process_edge.ts'
import { farmsToTell, lastSpan, withJournal } from './with_journal.ts'

export interface IncidentsOptions {
  readonly file: string
  readonly sinceMs: number
  readonly farm: string | undefined
  readonly json: boolean
  /** Tell this one whole. */
  readonly id: string | undefined
}

const all = Number.MAX_SAFE_INTEGER

/**
 * The verb `incidents`: those in the journal, which `run` may be writing meanwhile. Returns the exit code: 0 success, 1
 * no incident has that id, 2 a bad configuration, an unknown farm or no journal.
 */
export const incidents = (options: IncidentsOptions, edge: Edge): Promise<number> =>
  withJournal(options.file, edge, (journal) =>
    options.id === undefined ? list(journal, options, edge) : tell(journal, options.id, options.json, edge),
  )

function list(journal: JournalReader, { sinceMs, farm, json }: IncidentsOptions, edge: Edge): number {
  if (farmsToTell(journal, farm, edge) === undefined) return 2
  const span = lastSpan(journal, sinceMs, edge)
  const found = journal.incidents(span, farm === undefined ? {} : { farm }, all)
  const document = { ...span, incidents: found }
  edge.stdout.write(
    json ? `${JSON.stringify(document, null, 2)}\n` : lines(found, span, farm, knownUntilMs(journal, edge)),
  )
  return 0
}

function lines(found: readonly Incident[], span: Span, farm: string | undefined, nowMs: number): string {
  const { moment } = timesIn()
  if (found.length === 0)
    return `No incident${farm === undefined ? '' : ` of ${farm}`} is known from ${moment(span.sinceMs)} to ${moment(span.untilMs)}.\n`
  const rows = found.map((incident) => [
    moment(incident.openedMs),
    lengthPhrase(incident, nowMs),
    `${impactPhrase(incident)}${incident.maintenance ? ', in maintenance' : ''}`,
    blamePhrase(incident.node, incident.cause),
    incident.summary,
    incident.id,
  ])
  const widths = [0, 1, 2, 3, 4].map((column) => greatest(rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}\n`).join('')
}

/** Whether an open incident went on after the last sign of a prober is not known. */
const knownUntilMs = (journal: JournalReader, { clock }: Edge): number =>
  Math.min(clock.wallMs(), journal.lastSignMs() ?? Number.POSITIVE_INFINITY)

function tell(journal: JournalReader, id: string, json: boolean, edge: Edge): number {
  const incident = journal.incident(id)
  if (incident === undefined) {
    edge.stderr.write(`${unknown(journal, id)}\n`)
    return 1
  }
  const { farm, node, openedMs } = incident
  const events = journal
    .events(spanAround(incident), { farm }, undefined, all)
    .filter((event) => belongsTo(event, incident))
  if (json) {
    edge.stdout.write(`${JSON.stringify({ ...incident, events: events.map(eventView) }, null, 2)}\n`)
    return 0
  }
  const week = { sinceMs: openedMs - 7 * dayMs, untilMs: openedMs }
  const earlier = journal.incidents(week, { farm }, all).filter((each) => each.node === node).length
  edge.stdout.write(ticketOf(incident, { events, earlier, nowMs: knownUntilMs(journal, edge) }, timesIn()))
  return 0
}

/** Why no incident is told, with the ids that are most like the one that was given. */
function unknown(journal: JournalReader, id: string): string {
  const known = journal.incidents({ sinceMs: 0, untilMs: all }, {}, all).map((each) => each.id)
  const none = `no incident in the journal has the id '${id}'`
  if (known.length === 0) return `${none}: it knows no incident`
  const nearest = known
    .map((each) => ({ each, away: distance(each, id) }))
    .sort((a, b) => a.away - b.away)
    .slice(0, 3)
  return `${none}; the nearest are ${nearest.map(({ each }) => each).join(', ')} (farmprobe incidents lists them)`
}
