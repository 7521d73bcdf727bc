/** The queries of the page, the API and the report. */
import type { AboutIncidents, BlindTime, History } from '../../history/history.ts'
import { type StepsOf, stepsOf } from '../../history/steps.ts'
import { type Strip, stripsOf } from '../../history/strips.ts'
import type { FarmEvent } from '../../model/event.ts'
import { balancerName } from '../../model/farm.ts'
import type { Incident } from '../../model/incident.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { About, Mark, Span } from '../../model/past.ts'
import { hourMs, minuteMs } from '../../runtime/duration.ts'
import { least } from '../../runtime/extremes.ts'
import { lastSignMs } from '../file/previous_process.ts'
import { eventIn, incidentIn, noteIn, probeIn, readable } from '../file/rows.ts'
import type { Note, NoteKind } from '../note.ts'
import { piecesOf, type Readable, seriesAbout } from './pieces.ts'

export interface Queries extends History {
  readonly kind: 'journal'
  /** The numbers of the newest `limit` events in the table, the oldest first. */
  eventIds(...question: Parameters<History['events']>): readonly number[]
  /** The events with these numbers, the oldest first. */
  eventsOf(ids: readonly number[]): readonly FarmEvent[]
  /** In steps of `stepMs`, a multiple of a minute; absent: one for the whole span. */
  steps(span: Span, about: About, stepMs?: number): readonly StepsOf[]
  /** Every single probe that was kept: failures, and all around events; the newest first. */
  probes(span: Span, about: About, limit: number): readonly Outcome[]
  /** Starts and stops, changes of the configuration ...: the oldest first. */
  notes(span: Span, about: About, kinds: ReadonlySet<NoteKind> | undefined): readonly Note[]
  /** When a prober wrote last, wall milliseconds. */
  lastSignMs(): number | undefined
  /** Farms of which anything is remembered. */
  farms(): readonly string[]
}

/** Errors are those of the disk. */
export function createQueries(from: Readable): Queries {
  const of =
    <Q extends unknown[], A>(query: (from: Readable, ...question: Q) => A) =>
    (...question: Q): A =>
      query(from, ...question)
  return {
    kind: 'journal',
    oldestMs: of(oldestMs),
    events: of(events),
    eventIds: of(eventIds),
    eventsOf: of(eventsOf),
    incidents: of(incidents),
    incident: of(incident),
    steps: of(steps),
    strips: of(strips),
    failures: of(failures),
    probes: of(probes),
    marks: of(marks),
    blind: of(blind),
    notes: of(notes),
    lastSignMs: of(({ db }) => lastSignMs(db)),
    farms: of(farms),
  }
}

function oldestMs({ db, unfinished }: Readable): number {
  const sql = `SELECT (SELECT min(minute) FROM minutes) * 60000 AS minute,
    (SELECT min(hour) FROM hours) * 3600000 AS hour, (SELECT min(at_ms) FROM events) AS event`
  const stored = Object.values(db.prepare(sql).get() ?? {}).filter((ms) => typeof ms === 'number')
  const running = [...unfinished().keys()].map((minute) => minute * minuteMs)
  return least([...stored, ...running])
}

/** A single step longer than this is made of whole hours. */
const coarseFromMs = 48 * hourMs

function steps(from: Readable, span: Span, about: About, stepMs?: number): StepsOf[] {
  const { sinceMs, untilMs } = span
  const coarse = stepMs === undefined ? untilMs - sinceMs > coarseFromMs : stepMs % hourMs === 0
  return stepsOf(piecesOf(from, span, about, coarse), (atMs) =>
    stepMs === undefined ? sinceMs : Math.floor(atMs / stepMs) * stepMs,
  )
}

const strips = (from: Readable, span: Span, about: About, cellMs: number): Strip[] =>
  stripsOf(piecesOf(from, span, about, cellMs % hourMs === 0), span, cellMs)

const farms = ({ subjects }: Readable): string[] =>
  [...new Set([...subjects.values()].map(({ farm }) => farm))].sort()

type Given = readonly [condition: string, ...values: (string | number | undefined)[]]

/** The conditions whose values are all given, and those values. */
function conditions(all: readonly Given[]) {
  const given = all.filter(([, ...values]) => !values.includes(undefined))
  return {
    where: given.map(([condition]) => condition).join(' AND '),
    values: given.flatMap(([, ...values]) => values as (string | number)[]),
  }
}

const asJson = (list: Iterable<string | number> | undefined) =>
  list === undefined ? undefined : JSON.stringify([...list])

/** Whether an event is about a target. */
const ofTarget = `(target = ? OR (kind = 'balancer_error' AND ? = '${balancerName}') OR
  (kind = 'deploy' AND EXISTS (SELECT 1 FROM json_each(iif(json_valid(events.json), events.json, '{}'), '$.targets') AS each WHERE each.value = ?)))`

type EventsQuestion = Parameters<History['events']>

/** A column of the newest, the oldest first. */
function newestEvents(
  { db }: Readable,
  column: 'id' | 'json',
  ...[{ sinceMs, untilMs }, { farm, target }, kinds, limit]: EventsQuestion
) {
  const { where, values } = conditions([
    ['at_ms >= ?', sinceMs],
    ['at_ms < ?', untilMs],
    ['farm = ?', farm],
    [ofTarget, target, target, target],
    ['kind IN (SELECT value FROM json_each(?))', asJson(kinds)],
  ])
  const sql = `SELECT ${column} FROM events WHERE ${where} ORDER BY at_ms DESC, id DESC LIMIT ?`
  return db
    .prepare(sql)
    .all(...values, Math.min(limit, Number.MAX_SAFE_INTEGER))
    .toReversed()
}

const events = (from: Readable, ...question: EventsQuestion): FarmEvent[] =>
  eventsIn(newestEvents(from, 'json', ...question), from)

const eventIds = (from: Readable, ...question: EventsQuestion): number[] =>
  newestEvents(from, 'id', ...question).map(({ id }) => id as number)

function eventsOf(from: Readable, ids: readonly number[]): FarmEvent[] {
  const sql = 'SELECT json FROM events WHERE id IN (SELECT value FROM json_each(?)) ORDER BY at_ms, id'
  return eventsIn(from.db.prepare(sql).all(JSON.stringify(ids)), from)
}

const eventsIn = (rows: Iterable<Record<string, unknown>>, { onDamage }: Readable): FarmEvent[] => [
  ...readable('events', rows, ({ json }) => eventIn(json), onDamage),
]

function incidents(
  { db, onDamage }: Readable,
  { sinceMs, untilMs }: Span,
  { farm, impact }: AboutIncidents,
  limit: number,
): Incident[] {
  const { where, values } = conditions([
    ['opened_ms < ?', untilMs],
    ['(closed_ms IS NULL OR closed_ms >= ?)', sinceMs],
    ['farm = ?', farm],
    ['impact = ?', impact],
  ])
  const sql = `SELECT json FROM incidents WHERE ${where} ORDER BY opened_ms DESC, id DESC LIMIT ?`
  const rows = db.prepare(sql).all(...values, Math.min(limit, Number.MAX_SAFE_INTEGER))
  return [...readable('incidents', rows, ({ json }) => incidentIn(json), onDamage)]
}

function incident({ db, onDamage }: Readable, id: string): Incident | undefined {
  const rows = db.prepare('SELECT json FROM incidents WHERE id = ?').all(id)
  return [...readable('incidents', rows, ({ json }) => incidentIn(json), onDamage)][0]
}

/** However many a client that may write them writes. */
const mostNotes = 10_000

/** The newest of them. */
function notes(
  { db, onDamage }: Readable,
  { sinceMs, untilMs }: Span,
  { farm }: About,
  kinds: ReadonlySet<NoteKind> | undefined,
): Note[] {
  const { where, values } = conditions([
    ['until_ms >= ?', sinceMs],
    ['at_ms < ?', untilMs],
    [`farm IN ('', ?)`, farm],
    ['kind IN (SELECT value FROM json_each(?))', asJson(kinds)],
  ])
  const sql = `SELECT json FROM notes WHERE ${where} ORDER BY at_ms DESC, id DESC LIMIT ${mostNotes}`
  const rows = db.prepare(sql).all(...values)
  return [...readable('notes', rows, ({ json }) => noteIn(json), onDamage)].toReversed()
}

const marks = (from: Readable, span: Span, about: About): Mark[] =>
  notes(from, span, about, new Set(['mark']))
    .filter((note) => note.kind === 'mark')
    .filter(({ target }) => about.target === undefined || target === undefined || target === about.target)

const blindWords = {
  stopped: 'farmprobe was stopped',
  killed: 'farmprobe ended without being stopped',
  late: 'farmprobe was starved of CPU: its samples are not used as evidence',
} as const

/** One that ends after the last write was noted by a clock that was ahead. */
function blind(from: Readable, span: Span, about: About): BlindTime[] {
  const lastMs = lastSignMs(from.db) ?? Number.POSITIVE_INFINITY
  return notes(from, span, about, new Set(['blind', 'gap'])).flatMap((note) => {
    if (note.kind !== 'blind' && note.kind !== 'gap') return []
    if (note.untilMs > lastMs + minuteMs) return []
    const { atMs, untilMs } = note
    const time = { atMs, untilMs }
    if (note.kind === 'gap') return [{ ...time, sentence: `the journal could not be written: ${note.why}` }]
    return [{ ...time, ...(note.farm !== undefined && { farm: note.farm }), sentence: blindWords[note.why] }]
  })
}

const failures = (from: Readable, span: Span, about: About, limit: number): Outcome[] =>
  probes(from, span, about, limit, 1)

function probes(from: Readable, { sinceMs, untilMs }: Span, about: About, limit: number, failed?: 1) {
  const wanted = seriesAbout(from, about)
  const { where, values } = conditions([
    ['at_ms >= ?', sinceMs],
    ['at_ms < ?', untilMs],
    ['series IN (SELECT value FROM json_each(?))', asJson(wanted.keys())],
    ['failed = ?', failed],
  ])
  const sql = `SELECT series, json FROM probes WHERE ${where} ORDER BY at_ms DESC, id DESC LIMIT ?`
  const rows = from.db.prepare(sql).all(...values, limit)
  const read = ({ series, json }: (typeof rows)[number]): Outcome | undefined => {
    const [subject, probe] = [wanted.get(series as number), probeIn(json)]
    return subject && probe && { ...probe, ...subject }
  }
  return [...readable('probes', rows, read, from.onDamage)]
}
