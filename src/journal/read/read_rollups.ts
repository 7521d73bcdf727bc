/** Rollups of any time, read from hours where whole hours are asked for, and from minutes otherwise. */
import type { DatabaseSync } from 'node:sqlite'
import { copyOf, type Rollup } from '../../history/rollup.ts'
import type { Subject } from '../../model/outcome.ts'
import { type About, isAbout } from '../../model/past.ts'
import { hourMs } from '../file/hours.ts'
import { minuteMs } from '../file/minutes.ts'
import { takeRollup } from '../file/rollup_bytes.ts'
import { type Readable, seriesAbout } from './readable.ts'

/** Up to so many series are looked up one by one; of more the whole table is read. */
const fewSeries = 8

export interface RollupSpan {
  readonly sinceMs: number
  readonly untilMs: number
  /** Hours are fine enough where there are any. */
  readonly coarse: boolean
}

type Visit = (atMs: number, subject: Subject, rollup: Rollup) => void

/** Shows a copy of every rollup that is asked for within the span; those of one series and time may come in parts. */
export function readRollups(readable: Readable, about: About, span: RollupSpan, visit: Visit): void {
  const { sinceMs, untilMs } = span
  const [fromMinute, toMinute] = [Math.floor(sinceMs / minuteMs), Math.ceil(untilMs / minuteMs)]
  const [fromHour, toHour] = wholeHours(readable.db, span)
  const wanted = seriesAbout(readable, about)
  const read = (unit: Unit, from: number, to: number) => readUnits(readable, wanted, unit, from, to, visit)
  if (fromHour < toHour) {
    read('minute', fromMinute, fromHour * 60)
    read('hour', fromHour, toHour)
    read('minute', toHour * 60, toMinute)
  } else read('minute', fromMinute, toMinute)
  for (const minutes of readable.unfinished)
    for (const [minute, entries] of minutes)
      if (minute >= fromMinute && minute < toMinute)
        for (const { subject, rollup } of entries.values())
          if (isAbout(about, subject)) visit(minute * minuteMs, subject, copyOf(rollup))
}

/** The hours that lie wholly within the span and have been added up: from the first on, before the second. */
function wholeHours(db: DatabaseSync, { sinceMs, untilMs, coarse }: RollupSpan): [number, number] {
  if (!coarse) return [0, 0]
  const done = db.prepare(`SELECT value FROM meta WHERE name = 'hours_done'`).get()?.['value']
  if (typeof done !== 'number') return [0, 0]
  return [Math.ceil(sinceMs / hourMs), Math.min(Math.floor(untilMs / hourMs), done + 1)]
}

type Unit = 'minute' | 'hour'

function readUnits(
  { db, words }: Readable,
  wanted: ReadonlyMap<number, Subject>,
  unit: Unit,
  from: number,
  to: number,
  visit: Visit,
): void {
  const unitMs = unit === 'minute' ? minuteMs : hourMs
  for (const row of rowsOf(db, [...wanted.keys()], unit, from, to)) {
    // SQLite's types know no columns; the query asks for these three.
    const [at, series, rollup] = row as unknown as [number, number, Uint8Array]
    const subject = wanted.get(series)
    if (subject !== undefined) visit(at * unitMs, subject, takeRollup({ bytes: rollup, at: 0 }, words))
  }
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
  if (series.length > fewSeries) {
    const all = db.prepare(range)
    all.setReturnArrays(true)
    yield* all.iterate(first, end)
    return
  }
  const one = db.prepare(seek)
  one.setReturnArrays(true)
  for (const id of series) yield* one.iterate(first, end, id)
}
