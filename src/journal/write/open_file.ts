/** The file while it is open for writing, with the housekeeping that goes on in it. */
import type { DatabaseSync } from 'node:sqlite'
import { hourMs, hourOf, minuteOf } from '../../history/minutes.ts'
import type { Clock } from '../../runtime/clock.ts'
import { fileIdentity, lockForWriting, type OpenFile, openForWriting } from '../file/database.ts'
import { createHourWork } from '../file/hours.ts'
import { createStore, type Store } from '../file/statements.ts'
import { createPruning } from './retention.ts'

export interface Connection {
  readonly store: Store
  /** A minute has been written: its hour has to be added up again. */
  minuteWritten(minute: number): void
  /** Adds up hours and deletes what is too old, for some milliseconds at most. */
  housekeeping(nowMs: number): void
  /** Whether the file that is open is still the one that the path leads to. */
  isInPlace(): boolean
  /** Never throws: what could not be written is lost by now. */
  close(): void
}

/** Housekeeping stops for now after so long. */
const housekeepingMs = 8
/** An hour is added up when its last minute has been written. */
const hourGraceMs = 120_000

/**
 * Opens the journal.
 * @throws Error when it cannot be written
 */
export function connect(path: string, keepMs: number, open: OpenFile, clock: Clock): Connection {
  const lock = lockForWriting(path)
  let db: DatabaseSync | undefined
  const close = () => {
    if (db !== undefined) closeQuietly(db)
    lock.release()
  }
  try {
    db = openForWriting(path, open)
    const store = createStore(db)
    return { store, ...housekeeper(store, keepMs, clock), isInPlace: sameFile(path), close }
  } catch (error) {
    close()
    throw error
  }
}

function housekeeper(store: Store, keepMs: number, clock: Clock) {
  const hours = createHourWork(store)
  const prune = createPruning(store.db, keepMs)
  let prunedMinute = 0
  return {
    minuteWritten: (minute: number) => hours.touched(hourOf(minute)),
    housekeeping(nowMs: number) {
      const endMs = clock.monotonicMs() + housekeepingMs
      const presentHour = Math.floor((nowMs - hourGraceMs) / hourMs)
      while (clock.monotonicMs() < endMs && transaction(store.db, () => hours.step(presentHour)));
      if (minuteOf(nowMs) === prunedMinute) return
      while (clock.monotonicMs() < endMs)
        if (!transaction(store.db, () => prune(nowMs))) {
          prunedMinute = minuteOf(nowMs)
          return
        }
    },
  }
}

function sameFile(path: string): () => boolean {
  const identity = fileIdentity(path)
  return () => fileIdentity(path) === identity
}

function closeQuietly(db: DatabaseSync): void {
  try {
    db.close()
  } catch {
    // Closing writes what is in the log to the file, which a full disk may not allow; the next opening will.
  }
}

/**
 * Does all or nothing.
 * @throws whatever `work` or the disk does
 */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
