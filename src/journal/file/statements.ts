/** What can be written into an open journal file: one statement each, all within a transaction of the caller. */
import type { DatabaseSync } from 'node:sqlite'
import { type Bytes, putNumber } from '../../history/bytes.ts'
import type { SeriesRollup } from '../../history/minutes.ts'
import type { Numbering } from '../../history/numbering.ts'
import { mergeRollup, type Rollup } from '../../history/rollup.ts'
import { putRollup } from '../../history/rollup_bytes.ts'
import type { FarmEvent } from '../../model/event.ts'
import type { Outcome, Subject } from '../../model/outcome.ts'
import { type Note, noteFarm, noteUntilMs } from '../note.ts'
import { openSeries, openWords } from './numbered_names.ts'
import { type OnDamage, rollupIn, writeEach } from './rows.ts'

/** The parts of a farm's monitor that are saved separately: the state is small and changes with every event, baselines are large. */
export type MonitorPart = 'state' | 'baselines' | 'maintenance'

export type Store = ReturnType<typeof createStore>

/** Prepares an open file for writing. */
export function createStore(db: DatabaseSync, onDamage: OnDamage) {
  const words = openWords(db, onDamage)
  const series = openSeries(db, onDamage)
  return {
    db,
    words,
    series,
    onDamage,
    ...factWriters(db, series),
    ...rollupWriters(db, series, words, onDamage),
  }
}

function factWriters(db: DatabaseSync, series: Numbering<Subject>) {
  const insertEvent = db.prepare(
    'INSERT OR IGNORE INTO events (at_ms, farm, kind, subject, target, maintenance, json) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const replaceIncident = db.prepare(
    'INSERT OR REPLACE INTO incidents (farm, id, impact, opened_ms, closed_ms, json) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const insertNote = db.prepare(
    'INSERT INTO notes (at_ms, until_ms, kind, farm, json) VALUES (?, ?, ?, ?, ?)',
  )
  const insertProbe = db.prepare('INSERT INTO probes (at_ms, series, failed, json) VALUES (?, ?, ?, ?)')
  const replaceMonitor = db.prepare(
    'INSERT OR REPLACE INTO monitors (farm, part, saved_ms, json) VALUES (?, ?, ?, ?)',
  )
  const replaceMeta = db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)')
  return {
    event(event: FarmEvent) {
      const { atMs, farm, kind, maintenance } = event
      const [subject, target] = [eventSubject(event), eventTarget(event)]
      insertEvent.run(
        Math.floor(atMs),
        farm,
        kind,
        subject,
        target,
        maintenance ? 1 : 0,
        JSON.stringify(event),
      )
      if (event.kind !== 'incident_opened' && event.kind !== 'incident_closed') return
      const { id, impact, openedMs, closedMs } = event.snapshot
      const closed = closedMs === null ? null : Math.floor(closedMs)
      replaceIncident.run(farm, id, impact, Math.floor(openedMs), closed, JSON.stringify(event.snapshot))
    },
    note(note: Note) {
      const untilMs = Math.floor(noteUntilMs(note))
      insertNote.run(Math.floor(note.atMs), untilMs, note.kind, noteFarm(note), JSON.stringify(note))
    },
    probe(outcome: Outcome) {
      const { farm, role, target, check, ...rest } = outcome
      const id = series.idOf({ farm, role, target, check })
      const failed = outcome.reason === 'ok' ? 0 : 1
      insertProbe.run(Math.floor(outcome.startedMs), id, failed, JSON.stringify(rest))
    },
    monitor(farm: string, part: MonitorPart, savedMs: number, snapshot: unknown) {
      replaceMonitor.run(farm, part, Math.floor(savedMs), JSON.stringify(snapshot))
    },
    meta: (name: string, value: number) => void replaceMeta.run(name, Math.floor(value)),
  }
}

/** Identifies an event together with its farm, time and kind; a second row of the same event is ignored. */
function eventSubject(event: FarmEvent): string {
  if (event.kind === 'balancer_error') return event.id
  if (event.kind === 'verdict') return `${event.check} ${event.previous} ${event.verdict}`
  if (event.kind === 'deploy') return event.targets.join(' ')
  if (event.kind === 'habit') return `${event.target} ${event.habit}`
  if (event.kind === 'identity') return `${event.target} ${event.check} ${event.finding}`
  if (event.kind === 'maintenance') return event.active ? 'begins' : 'ends'
  if (event.kind === 'incident_opened') return `${event.incident} ${event.snapshot.impact}`
  if (event.kind === 'incident_closed') return `${event.incident} ${event.snapshot.amended.length}`
  if (event.kind === 'crosscheck') return `${event.target} ${event.seen}${event.late ? ' late' : ''}`
  return 'check' in event ? `${event.target} ${event.check}` : event.target
}

function eventTarget(event: FarmEvent): string {
  if ('target' in event) return event.target
  return event.kind === 'balancer_error' ? event.node : ''
}

function rollupWriters(
  db: DatabaseSync,
  series: Numbering<Subject>,
  words: Numbering<string>,
  onDamage: OnDamage,
) {
  const insertPending = db.prepare('INSERT INTO pending (minute, rollups) VALUES (?, ?)')
  const dropPending = db.prepare('DELETE FROM pending WHERE minute = ?')
  const findMinute = db.prepare('SELECT rollup FROM minutes WHERE minute = ? AND series = ?')
  const replaceMinute = db.prepare(
    'INSERT OR REPLACE INTO minutes (minute, series, probes, failures, blind, rollup) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const replaceHour = db.prepare('INSERT OR REPLACE INTO hours (hour, series, rollup) VALUES (?, ?, ?)')
  const newest = db.prepare('SELECT max(minute) AS minute FROM minutes').get()?.['minute'] as number | null
  let newestMinute = newest ?? Number.NEGATIVE_INFINITY

  const withKnown = (minute: number, id: number, rollup: Rollup): Rollup => {
    const known = findMinute.get(minute, id)
    if (known === undefined) return rollup
    const sum = rollupIn(known['rollup'], words)
    if (sum === undefined) onDamage('minutes')
    else mergeRollup(sum, rollup)
    return sum ?? rollup
  }
  return {
    /** What has come for a minute that is not over. */
    pending(minute: number, rollups: Iterable<SeriesRollup>) {
      const bytes: Bytes = []
      const put = ({ subject, rollup }: SeriesRollup) => {
        putNumber(bytes, series.idOf(subject))
        putRollup(bytes, rollup, words)
      }
      writeEach('series', rollups, put, onDamage)
      insertPending.run(minute, new Uint8Array(bytes))
    },
    /** A minute that is over, added to what is known of it; what was pending of it is dropped. */
    minute(minute: number, rollups: Iterable<SeriesRollup>) {
      // A probe may have ended after its minute was written.
      const late = minute <= newestMinute
      const replace = ({ subject, rollup }: SeriesRollup) => {
        const id = series.idOf(subject)
        const sum = late ? withKnown(minute, id, rollup) : rollup
        replaceMinute.run(minute, id, sum.probes, sum.failures, sum.blind, rollupBytes(sum, words))
      }
      writeEach('series', rollups, replace, onDamage)
      dropPending.run(minute)
      newestMinute = Math.max(newestMinute, minute)
    },
    hour: (hour: number, id: number, rollup: Rollup) =>
      void replaceHour.run(hour, id, rollupBytes(rollup, words)),
  }
}

function rollupBytes(rollup: Rollup, words: Numbering<string>): Uint8Array {
  const bytes: Bytes = []
  putRollup(bytes, rollup, words)
  return new Uint8Array(bytes)
}
