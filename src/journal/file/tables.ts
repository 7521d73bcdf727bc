/** The tables of the journal, as the steps that led to them: a file of any earlier version is brought up to date. */
import type { DatabaseSync } from 'node:sqlite'

/** Marks a SQLite file as a journal of ours: "fprb". */
const applicationId = 0x66707262

/** Step n makes version n+1 of version n. Steps that have been released never change. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    farm TEXT NOT NULL, role TEXT NOT NULL, target TEXT NOT NULL, check_name TEXT NOT NULL,
    UNIQUE (farm, role, target, check_name)
  ) STRICT;

  -- What the numbers in rollups stand for.
  CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;

  -- An event is the same event when farm, time, kind and subject are: however often it is told, it is one row.
  CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL, farm TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
    target TEXT NOT NULL, maintenance INTEGER NOT NULL, json TEXT NOT NULL,
    UNIQUE (farm, at_ms, kind, subject)
  ) STRICT;
  CREATE INDEX events_by_time ON events (at_ms);

  CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, kind TEXT NOT NULL, farm TEXT NOT NULL, json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX notes_by_time ON notes (at_ms);

  -- Minutes and hours are counted from the epoch.
  CREATE TABLE minutes (
    minute INTEGER NOT NULL, series INTEGER NOT NULL,
    probes INTEGER NOT NULL, failures INTEGER NOT NULL, blind INTEGER NOT NULL, rollup BLOB NOT NULL,
    PRIMARY KEY (minute, series)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hours (
    hour INTEGER NOT NULL, series INTEGER NOT NULL, rollup BLOB NOT NULL,
    PRIMARY KEY (hour, series)
  ) STRICT, WITHOUT ROWID;

  -- What has come since the last second of a minute that is not over: gone once the minute is written.
  CREATE TABLE pending (id INTEGER PRIMARY KEY, minute INTEGER NOT NULL, rollups BLOB NOT NULL) STRICT;

  CREATE TABLE probes (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL, series INTEGER NOT NULL, failed INTEGER NOT NULL, json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX probes_by_time ON probes (at_ms);
  CREATE INDEX failed_probes ON probes (series, at_ms) WHERE failed = 1;

  CREATE TABLE monitors (
    farm TEXT NOT NULL, part TEXT NOT NULL, saved_ms INTEGER NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (farm, part)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- One row each, as it was told last; closed_ms is null while it goes on.
  CREATE TABLE incidents (
    farm TEXT NOT NULL, id TEXT NOT NULL, impact TEXT NOT NULL,
    opened_ms INTEGER NOT NULL, closed_ms INTEGER, json TEXT NOT NULL,
    PRIMARY KEY (farm, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX incidents_by_time ON incidents (opened_ms);
  `,
]

/**
 * Brings the tables of a database up to date, whatever its version was; all or nothing.
 * @throws Error when a newer farmprobe, or another program, made it
 */
export function migrate(db: DatabaseSync, steps: readonly string[] = migrations): void {
  const version = versionOf(db)
  refuseForeign(db, steps.length)
  if (version === steps.length) return
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const step of steps.slice(version)) db.exec(step)
    db.exec(`PRAGMA user_version = ${steps.length}; PRAGMA application_id = ${applicationId}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** @throws Error when a newer farmprobe, or another program, made it */
export function refuseForeign(db: DatabaseSync, newest: number = migrations.length): void {
  const version = versionOf(db)
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'] as number
  if (tables > 0 && pragma(db, 'application_id') !== applicationId)
    throw new Error('it is the database of another program; give the journal a file of its own')
  if (version > newest)
    throw new Error(
      `it has version ${version}, made by a newer farmprobe; this one knows versions up to ${newest}`,
    )
}

/** How many steps have been made; 0 for an empty file. */
export const versionOf = (db: DatabaseSync): number => pragma(db, 'user_version')

const pragma = (db: DatabaseSync, name: string): number =>
  db.prepare(`PRAGMA ${name}`).get()?.[name] as number
