/** Rollups of any time, read from hours where whole hours are asked for, and from minutes otherwise. */
import type { DatabaseSync } from 'node:sqlite'
import type { Minutes } from '../../history/minutes.ts'
import type { Numbering } from '../../history/numbering.ts'
import { copyOf } from '../../history/rollup.ts'
import type { Piece } from '../../history/steps.ts'
import type { Subject } from '../../model/outcome.ts'
import { type About, isAbout, type Span } from '../../model/past.ts'
import { hourMs, minuteMs } from '../../runtime/duration.ts'
import { type OnDamage, readable, rollupIn } from '../file/rows.ts'

export interface Readable {
  readonly db: DatabaseSync
  readonly words: Numbering<string>
  readonly subjects: ReadonlyMap<number, Subject>
  /** Minutes that the table of minutes does not hold yet, or only in part. */
  unfinished(): Minutes
  readonly onDamage: OnDamage
}

/** The series that a question is about, by number. */
export const seriesAbout = ({ subjects }: Readable, about: About): Map<number, Subject> =>
  new Map([...subjects].filter(([, subject]) => isAbout(about, subject)))

/** Up to this many series are looked up one by one; for more the whole table is read. */
const fewSeries = 8
/** No table has more minutes or hours, unless a damaged row says so. */
const mostTimes = 50_000

/** Every rollup that is asked for; `coarse`: hours are fine enough where there are any. */
export function* piecesOf(
  from: Readable,
  { sinceMs, untilMs }: Span,
  about: About,
  coarse: boolean,
): Generator<Piece> {
  const [fromMinute, toMinute] = [Math.floor(sinceMs / minuteMs), Math.ceil(untilMs / minuteMs)]
  const wanted = seriesAbout(from, about)
  const fromHour = Math.ceil(sinceMs / hourMs)
  const toHour = coarse ? Math.min(Math.floor(untilMs / hourMs), hoursDone(from.db) + 1) : fromHour
  if (fromHour < toHour) {
    yield* stored(from, wanted, 'minute', fromMinute, fromHour * 60)
    yield* stored(from, wanted, 'hour', fromHour, toHour)
    yield* stored(from, wanted, 'minute', toHour * 60, toMinute)
  } else yield* stored(from, wanted, 'minute', fromMinute, toMinute)
  for (const [minute, entries] of from.unfinished())
    if (minute >= fromMinute && minute < toMinute)
      for (const { subject, rollup } of entries.values())
        if (isAbout(about, subject)) yield { atMs: minute * minuteMs, subject, rollup: copyOf(rollup) }
}

/** The last hour that has been added up; minus infinity when none has. */
function hoursDone(db: DatabaseSync): number {
  const sql = `SELECT min(value, (SELECT max(minute) / 60 FROM minutes)) AS done FROM meta WHERE name = 'hours_done'`
  const done = db.prepare(sql).get()?.['done']
  return typeof done === 'number' ? done : Number.NEGATIVE_INFINITY
}

type Unit = 'minute' | 'hour'

function* stored(
  { db, words, onDamage }: Readable,
  wanted: ReadonlyMap<number, Subject>,
  unit: Unit,
  from: number,
  to: number,
): Generator<Piece> {
  const unitMs = unit === 'minute' ? minuteMs : hourMs
  const read = (row: unknown): Piece | 'unasked' | undefined => {
    // SQLite's types know no columns; the query asks for these three.
    const [at, series, bytes] = row as [number, number, unknown]
    const subject = wanted.get(series)
    if (subject === undefined) return 'unasked'
    const rollup = rollupIn(bytes, words)
    return rollup && { atMs: at * unitMs, subject, rollup }
  }
  const rows = rowsOf(db, [...wanted.keys()], unit, from, to)
  for (const piece of readable(`${unit}s`, rows, read, onDamage)) if (piece !== 'unasked') yield piece
}

function* rowsOf(db: DatabaseSync, series: readonly number[], unit: Unit, from: number, to: number) {
  const columns = `${unit}, series, rollup`
  const range = `SELECT ${columns} FROM ${unit}s WHERE ${unit} >= ? AND ${unit} < ?`
  const seek = `WITH RECURSIVE times(t) AS (SELECT ? UNION ALL SELECT t + 1 FROM times WHERE t + 1 < ?)
    SELECT ${columns} FROM times CROSS JOIN ${unit}s ON ${unit} = t AND series = ?`
  const bounds = db.prepare(`SELECT min(${unit}) AS oldest, max(${unit}) AS newest FROM ${unit}s`).get()
  const first = Math.max(from, Number(bounds?.['oldest'] ?? 0))
  const end = Math.min(to, Number(bounds?.['newest'] ?? 0) + 1)
  if (first >= end) return
  if (series.length > fewSeries || end - first > mostTimes) {
    const all = db.prepare(range)
    all.setReturnArrays(true)
    yield* all.iterate(first, end)
    return
  }
  const one = db.prepare(seek)
  one.setReturnArrays(true)
  for (const id of series) yield* one.iterate(first, end, id)
}
