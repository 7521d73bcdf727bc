/** What the previous process left in the file: minutes that were not over, what the monitors knew, and when it ended. */
import type { DatabaseSync } from 'node:sqlite'
import { type Cursor, takeNumber } from '../../history/bytes.ts'
import { type Minutes, mergeMinutes, type SeriesRollup } from '../../history/minutes.ts'
import type { Numbering } from '../../history/numbering.ts'
import { takeRollup } from '../../history/rollup_bytes.ts'
import { type Subject, subjectKey } from '../../model/outcome.ts'
import type { Note } from '../note.ts'
import { mostSeries, openSeries, openWords } from './numbered_names.ts'
import { jsonIn, type OnDamage, readable } from './rows.ts'
import type { MonitorPart, Store } from './statements.ts'

/** Minutes that were not over. A row that cannot be read is left out: it holds a second at most. */
export function readPending(
  db: DatabaseSync,
  words: Numbering<string>,
  subjects: ReadonlyMap<number, Subject>,
  onDamage: OnDamage,
): Minutes {
  const minutes: Minutes = new Map()
  const rows = db.prepare('SELECT minute, rollups FROM pending ORDER BY id').all()
  const read = (row: (typeof rows)[number]) => {
    const entries = readRow(row['rollups'] as Uint8Array, words, subjects)
    return entries && ([row['minute'] as number, entries] as const)
  }
  for (const entry of readable('pending', rows, read, onDamage)) mergeMinutes(minutes, new Map([entry]))
  return minutes
}

function readRow(bytes: Uint8Array, words: Numbering<string>, subjects: ReadonlyMap<number, Subject>) {
  const entries = new Map<string, SeriesRollup>()
  const cursor: Cursor = { bytes, at: 0 }
  try {
    while (cursor.at < bytes.length) {
      const subject = subjects.get(takeNumber(cursor))
      const rollup = takeRollup(cursor, words)
      if (subject !== undefined) entries.set(subjectKey(subject), { subject, rollup })
    }
    return entries
  } catch {
    return undefined
  }
}

/** Damaged rows are reported when they are read for good. */
const ignored = () => undefined

/** Forgets the series of which nothing is remembered, where there are many. */
export function pruneSeries(db: DatabaseSync): void {
  const count = Number(db.prepare('SELECT count(*) AS count FROM series').get()?.['count'])
  if (count <= mostSeries / 2) return
  const series = openSeries(db, ignored)
  const pending = readPending(db, openWords(db, ignored), series.all(), ignored)
  const ids = [...pending.values()].flatMap((minute) =>
    [...minute.values()].map(({ subject }) => series.idOf(subject)),
  )
  db.prepare(
    `DELETE FROM series WHERE id NOT IN (SELECT series FROM minutes UNION SELECT series FROM hours
      UNION SELECT series FROM probes UNION SELECT value FROM json_each(?))`,
  ).run(JSON.stringify(ids))
}

/** What was saved of one farm's monitor, as JSON gives it back. */
export type SavedMonitor = Readonly<Partial<Record<MonitorPart, unknown>>>

/** By farm. */
export function loadMonitors({ db, onDamage }: Store): ReadonlyMap<string, SavedMonitor> {
  const saved = new Map<string, SavedMonitor>()
  const rows = db.prepare('SELECT farm, part, json FROM monitors').all()
  const read = ({ farm, part, json }: (typeof rows)[number]) => {
    const state = jsonIn(json)
    return state === undefined ? undefined : { farm: String(farm), part: part as MonitorPart, state }
  }
  for (const { farm, part, state } of readable('monitors', rows, read, onDamage))
    saved.set(farm, { ...saved.get(farm), [part]: state })
  return saved
}

/** When a prober wrote last, wall milliseconds: it does so every second. */
export function lastSignMs(db: DatabaseSync): number | undefined {
  const value = db.prepare(`SELECT value FROM meta WHERE name = 'last_write_ms'`).get()?.['value']
  return typeof value === 'number' ? value : undefined
}

/** By a clock that was set wrongly, the last write may seem long past or yet to come: what was written before counts, too. */
const newestSign = `SELECT max(at) AS at FROM (
  SELECT value AS at FROM meta WHERE name = 'last_write_ms'
  UNION ALL SELECT max(at_ms) FROM probes WHERE at_ms < ?1
  UNION ALL SELECT max(minute) * 60000 FROM minutes WHERE minute < ?1 / 60000) WHERE at < ?1`

/** The first notes of a new process: how long no process ran, and that this one has started. */
export function startingNotes(db: DatabaseSync, nowMs: number, version: string): Note[] {
  const start = { kind: 'start', atMs: nowMs, version } as const
  const lastMs = db.prepare(newestSign).get(nowMs)?.['at']
  if (typeof lastMs !== 'number') return [start]
  const lastNote = db.prepare('SELECT kind FROM notes ORDER BY id DESC LIMIT 1').get()?.['kind']
  const why = lastNote === 'stop' ? 'stopped' : 'killed'
  return [{ kind: 'blind', atMs: lastMs, untilMs: nowMs, why }, start]
}
