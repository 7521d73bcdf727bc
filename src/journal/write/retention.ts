/** Retention: what is too old is deleted, a little at a time. The file does not shrink: what is freed is used again. */
import type { DatabaseSync } from 'node:sqlite'
import { hourMs, minuteMs } from '../../runtime/duration.ts'

/** Minutes are kept this long, hours as long as the configuration says. */
const minutesKeptMs = 8 * 24 * hourMs
const probesKeptMs = 24 * hourMs
/** Some 100 MB of single probes at most, however many a day has. */
const mostProbes = 200_000
const rowsInStep = 500

/** Deletes a part of what is too old, in a transaction of the caller; false when nothing is. */
export type PruneStep = (nowMs: number) => boolean

export function createPruning(db: DatabaseSync, keepMs: number): PruneStep {
  const before = (nowMs: number, mostKeptMs = keepMs) => Math.floor(nowMs - Math.min(mostKeptMs, keepMs))
  const rules = [
    [oldest('minutes', 'minute'), (nowMs: number) => before(nowMs, minutesKeptMs) / minuteMs],
    [oldest('hours', 'hour'), (nowMs: number) => before(nowMs) / hourMs],
    [some('events', 'at_ms < ?'), before],
    // By its beginning, for which there is an index, one that can be too old is found without reading all.
    [some('incidents', 'opened_ms < ?1 AND coalesce(closed_ms, opened_ms) < ?1', 'farm, id'), before],
    [some('notes', 'until_ms < ?'), before],
    [some('probes', 'at_ms < ?'), (nowMs: number) => before(nowMs, probesKeptMs)],
    [some('probes', 'id <= (SELECT max(id) FROM probes) - ? ORDER BY id'), () => mostProbes],
    ['DELETE FROM pending WHERE minute < ?', (nowMs: number) => before(nowMs) / minuteMs],
    ['DELETE FROM monitors WHERE saved_ms < ?', before],
  ] as const
  const statements = rules.map(([sql, bound]) => ({ statement: db.prepare(sql), bound }))
  return (nowMs) =>
    statements.map(({ statement, bound }) => statement.run(bound(nowMs)).changes !== 0).includes(true)
}

/** Deletes the oldest minute or hour, of all series. */
const oldest = (table: string, unit: string) =>
  `DELETE FROM ${table} WHERE ${unit} = (SELECT min(${unit}) FROM ${table}) AND ${unit} < ?`

const some = (table: string, condition: string, key = 'id') =>
  `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ${rowsInStep})`
