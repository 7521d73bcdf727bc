/** What can be asked of a journal, by the page, the API and the report. */
import type { DatabaseSync } from 'node:sqlite'
import type { BlindTime, History } from '../../history/history.ts'
import { hourMs, minuteMs } from '../../history/minutes.ts'
import { type StepsOf, stepsOf } from '../../history/steps.ts'
import { stripsOf } from '../../history/strips.ts'
import type { FarmEvent } from '../../model/event.ts'
import { balancerName } from '../../model/farm.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import type { About, Mark, Span } from '../../model/past.ts'
import type { Note, NoteKind } from '../note.ts'
import { piecesOf, type Readable, seriesAbout } from './pieces.ts'

export interface Queries extends History {
  readonly kind: 'journal'
  /** In steps of `stepMs`, a multiple of a minute; absent: one for the whole span. */
  steps(span: Span, about: About, stepMs?: number): readonly StepsOf[]
  /** Every single probe that was kept: failures, and what was seen around events; the newest first. */
  probes(span: Span, about: About, limit: number): readonly Outcome[]
  /** Starts and stops, changes of the configuration ...: the oldest first. */
  notes(span: Span, about: About, kinds: ReadonlySet<NoteKind> | undefined): readonly Note[]
  /** Farms of which anything is remembered. */
  farms(): readonly string[]
}

/** Answers from what is readable. */
export const createQueries = (readable: Readable): Queries => ({
  kind: 'journal',
  oldestMs: () => oldestMs(readable),
  events: (span, about, kinds, limit) => events(readable.db, span, about, kinds, limit),
  steps: (span, about, stepMs) => steps(readable, span, about, stepMs),
  strips: (span, about, cellMs) =>
    stripsOf(piecesOf(readable, span, about, cellMs % hourMs === 0), span, cellMs),
  failures: (span, about, limit) => probes(readable, span, about, limit, 1),
  probes: (span, about, limit) => probes(readable, span, about, limit),
  marks: (span, about) => marks(readable.db, span, about),
  blind: (span, about) => blind(readable.db, span, about),
  notes: (span, about, kinds) => notes(readable.db, span, about, kinds),
  farms: () => [...new Set([...readable.subjects.values()].map(({ farm }) => farm))].sort(),
})

/** Answers from what `open` gives at that moment; with nothing, when there is nothing or reading it fails. */
export function forgivingQueries(
  open: () => Readable | undefined,
  failed: (error: unknown) => void,
): Queries {
  const ask = <T>(otherwise: T, question: (queries: Queries) => T): T => {
    const readable = open()
    if (readable === undefined) return otherwise
    try {
      return question(createQueries(readable))
    } catch (error) {
      failed(error)
      return otherwise
    }
  }
  return {
    kind: 'journal',
    oldestMs: () => ask(Number.POSITIVE_INFINITY, (queries) => queries.oldestMs()),
    events: (...question) => ask([], (queries) => queries.events(...question)),
    steps: (...question) => ask([], (queries) => queries.steps(...question)),
    strips: (...question) => ask([], (queries) => queries.strips(...question)),
    failures: (...question) => ask([], (queries) => queries.failures(...question)),
    probes: (...question) => ask([], (queries) => queries.probes(...question)),
    marks: (...question) => ask([], (queries) => queries.marks(...question)),
    blind: (...question) => ask([], (queries) => queries.blind(...question)),
    notes: (...question) => ask([], (queries) => queries.notes(...question)),
    farms: () => ask([], (queries) => queries.farms()),
  }
}

function oldestMs({ db, unfinished }: Readable): number {
  const sql = `SELECT (SELECT min(minute) FROM minutes) * 60000 AS minute,
    (SELECT min(hour) FROM hours) * 3600000 AS hour, (SELECT min(at_ms) FROM events) AS event`
  const stored = Object.values(db.prepare(sql).get() ?? {}).filter((ms) => typeof ms === 'number')
  const running = unfinished.flatMap((minutes) => [...minutes.keys()].map((minute) => minute * minuteMs))
  return Math.min(...stored, ...running)
}

/** A span longer than this is told by whole hours, when it is asked for as one. */
const coarseFromMs = 48 * hourMs

function steps(readable: Readable, span: Span, about: About, stepMs?: number): StepsOf[] {
  const { sinceMs, untilMs } = span
  const coarse = stepMs === undefined ? untilMs - sinceMs > coarseFromMs : stepMs % hourMs === 0
  return stepsOf(piecesOf(readable, span, about, coarse), (atMs) =>
    stepMs === undefined ? sinceMs : Math.floor(atMs / stepMs) * stepMs,
  )
}

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

/** Whether an event belongs to the story of a target. */
const ofTarget = `(target = ? OR (kind = 'balancer_error' AND ? = '${balancerName}') OR
  (kind = 'deploy' AND EXISTS (SELECT 1 FROM json_each(events.json, '$.targets') AS each WHERE each.value = ?)))`

function events(
  db: DatabaseSync,
  { sinceMs, untilMs }: Span,
  { farm, target }: About,
  kinds: ReadonlySet<string> | undefined,
  limit: number,
): FarmEvent[] {
  const { where, values } = conditions([
    ['at_ms >= ?', sinceMs],
    ['at_ms < ?', untilMs],
    ['farm = ?', farm],
    [ofTarget, target, target, target],
    ['kind IN (SELECT value FROM json_each(?))', asJson(kinds)],
  ])
  const sql = `SELECT json FROM events WHERE ${where} ORDER BY at_ms DESC, id DESC LIMIT ?`
  const rows = db.prepare(sql).all(...values, Math.min(limit, Number.MAX_SAFE_INTEGER))
  return rows.map(({ json }) => JSON.parse(json as string) as FarmEvent).toReversed()
}

function notes(
  db: DatabaseSync,
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
  const rows = db.prepare(`SELECT json FROM notes WHERE ${where} ORDER BY at_ms, id`).all(...values)
  return rows.map(({ json }) => JSON.parse(json as string) as Note)
}

const marks = (db: DatabaseSync, span: Span, about: About): Mark[] =>
  notes(db, span, about, new Set(['mark']))
    .filter((note) => note.kind === 'mark')
    .filter(({ target }) => about.target === undefined || target === undefined || target === about.target)

const blindWords = {
  stopped: 'farmprobe was stopped',
  killed: 'farmprobe ended without being stopped',
  late: 'farmprobe itself was late: its probes prove little',
} as const

const blind = (db: DatabaseSync, span: Span, about: About): BlindTime[] =>
  notes(db, span, about, new Set(['blind', 'gap'])).flatMap((note) => {
    if (note.kind !== 'blind' && note.kind !== 'gap') return []
    const { atMs, untilMs } = note
    const time = { atMs, untilMs }
    if (note.kind === 'gap') return [{ ...time, sentence: `the journal could not be written: ${note.why}` }]
    return [{ ...time, ...(note.farm !== undefined && { farm: note.farm }), sentence: blindWords[note.why] }]
  })

function probes(readable: Readable, { sinceMs, untilMs }: Span, about: About, limit: number, failed?: 1) {
  const wanted = seriesAbout(readable, about)
  const { where, values } = conditions([
    ['at_ms >= ?', sinceMs],
    ['at_ms < ?', untilMs],
    ['series IN (SELECT value FROM json_each(?))', asJson(wanted.keys())],
    ['failed = ?', failed],
  ])
  const sql = `SELECT series, json FROM probes WHERE ${where} ORDER BY at_ms DESC, id DESC LIMIT ?`
  return readable.db
    .prepare(sql)
    .all(...values, limit)
    .map(({ series, json }): Outcome => {
      const subject = wanted.get(series as number) as Subject
      return { ...(JSON.parse(json as string) as Omit<Outcome, keyof Subject>), ...subject }
    })
}
