/** What is old enough goes, a little at a time. The file does not shrink: what is freed is used again. */
import type { DatabaseSync } from 'node:sqlite'
import { hourMs, minuteMs } from '../../history/minutes.ts'

/** Minutes are kept for so long, hours for as long as the journal is told to. */
const minutesKeptMs = 8 * 86_400_000
/** Single probes: the last hours around events. */
const probesKeptMs = 24 * hourMs
/** Some 100 MB of them at most, whatever happens. */
const mostProbes = 200_000
const rowsInStep = 500

/** Deletes a part of what is too old, in a transaction of the caller; false when nothing is. */
export type PruneStep = (nowMs: number) => boolean

export function createPruning(db: DatabaseSync, keepMs: number): PruneStep {
  const minutesMs = Math.min(minutesKeptMs, keepMs)
  const oldestMinute = db.prepare('SELECT min(minute) AS oldest FROM minutes')
  const dropMinute = db.prepare('DELETE FROM minutes WHERE minute = ?')
  const oldestHour = db.prepare('SELECT min(hour) AS oldest FROM hours')
  const dropHour = db.prepare('DELETE FROM hours WHERE hour = ?')
  const dropEvents = dropOlder(db, 'events', 'at_ms')
  const dropNotes = dropOlder(db, 'notes', 'until_ms')
  const dropProbes = dropOlder(db, 'probes', 'at_ms')
  const newestProbe = db.prepare('SELECT max(id) AS newest FROM probes')
  const dropSurplus = db.prepare(
    `DELETE FROM probes WHERE id IN (SELECT id FROM probes WHERE id <= ? ORDER BY id LIMIT ${rowsInStep})`,
  )
  const dropPending = db.prepare('DELETE FROM pending WHERE minute < ?')
  const dropMonitors = db.prepare('DELETE FROM monitors WHERE saved_ms < ?')

  const dropOldest = (find: typeof oldestMinute, drop: typeof dropMinute, before: number): boolean => {
    const oldest = find.get()?.['oldest'] as number | null | undefined
    return typeof oldest === 'number' && oldest < before && drop.run(oldest).changes !== 0
  }
  return (nowMs) => {
    const surplusId = ((newestProbe.get()?.['newest'] as number | null) ?? 0) - mostProbes
    return [
      dropOldest(oldestMinute, dropMinute, (nowMs - minutesMs) / minuteMs),
      dropOldest(oldestHour, dropHour, (nowMs - keepMs) / hourMs),
      dropEvents(nowMs - keepMs),
      dropNotes(nowMs - keepMs),
      dropProbes(nowMs - Math.min(probesKeptMs, keepMs)),
      dropSurplus.run(surplusId).changes !== 0,
      dropPending.run(Math.floor((nowMs - keepMs) / minuteMs)).changes !== 0,
      dropMonitors.run(Math.floor(nowMs - keepMs)).changes !== 0,
    ].includes(true)
  }
}

function dropOlder(
  db: DatabaseSync,
  table: 'events' | 'notes' | 'probes',
  column: string,
): (beforeMs: number) => boolean {
  const drop = db.prepare(
    `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${column} < ? LIMIT ${rowsInStep})`,
  )
  return (beforeMs) => drop.run(Math.floor(beforeMs)).changes !== 0
}
