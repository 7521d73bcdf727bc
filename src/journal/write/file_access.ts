/** Access to the file: opened when possible, closed when it fails, set aside when it is damaged, tried again. */
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { fileIdentity, lockForWriting, type OpenFile, openForWriting, setAside } from '../file/database.ts'
import { explainDiskError, isDamage } from '../file/disk_error.ts'
import { pruneSeries } from '../file/previous_process.ts'
import type { OnDamage } from '../file/rows.ts'
import { createStore, type Store } from '../file/statements.ts'
import type { Note } from '../note.ts'
import { createHousekeeping, type Housekeeping } from './housekeeping.ts'

export interface FileOptions {
  readonly path: string
  readonly keepMs: number
  readonly clock: Clock
  readonly log: Log
  readonly open: OpenFile
  readonly onDamage: OnDamage
  /** A file has been opened for the first time in this process. */
  readonly onFirstOpen: (store: Store) => void
  /** The file cannot be used now. */
  readonly onFailure: (why: string) => void
  /** Something that the journal itself has to remember. */
  readonly onNote: (note: Note) => void
}

export interface OpenJournal {
  readonly store: Store
  readonly housekeeping: Housekeeping
  /** Whether the file that is open is still the one at the path. */
  isInPlace(): boolean
  /** Never throws: what could not be written is lost by now. */
  close(): void
}

/** A time in which the file could not be used. */
interface Trouble {
  readonly sinceMs: number
  readonly why: string
}

const retryAfterMs = 5000

export function createFileAccess(options: FileOptions) {
  const { path, clock, log } = options
  const fields = { self: 'journal', journal: path }
  let open: OpenJournal | undefined
  let everOpen = false
  let trouble: Trouble | undefined
  let triedMs = Number.NEGATIVE_INFINITY

  const failed = (error: unknown) => {
    const why = explainDiskError(error)
    if (trouble === undefined)
      log.warn(fields, `the journal cannot be used: ${why}; probing goes on without it`)
    trouble ??= { sinceMs: clock.wallMs(), why }
    open?.close()
    open = undefined
    triedMs = isDamage(error) && replaceDamaged(why) ? Number.NEGATIVE_INFINITY : clock.monotonicMs()
    options.onFailure(why)
  }
  const replaceDamaged = (why: string): boolean => {
    try {
      const file = setAside(path, clock.wallMs())
      log.warn(fields, `the damaged journal was set aside as ${file}`)
      options.onNote({ kind: 'set_aside', atMs: clock.wallMs(), file, why })
      return true
    } catch (error) {
      log.warn(fields, `the damaged journal cannot be set aside: ${explainDiskError(error)}`)
      return false
    }
  }
  return {
    /** The open file, opened now if it is time to try; undefined while there is none. */
    opened(): OpenJournal | undefined {
      if (open !== undefined || clock.monotonicMs() - triedMs < retryAfterMs) return open
      try {
        open = openJournalFile(options)
        if (!everOpen) options.onFirstOpen(open.store)
        everOpen = true
      } catch (error) {
        failed(error)
      }
      return open
    },
    /** Something went wrong: the file is closed, and opened again later. */
    failed,
    /** Something was written; returns the trouble that this ends. */
    succeeded(): Trouble | undefined {
      const over = trouble
      trouble = undefined
      if (over !== undefined) log.info(fields, 'the journal is written again')
      return over
    },
    /** For good. */
    close(): void {
      open?.close()
      open = undefined
      triedMs = Number.POSITIVE_INFINITY
    },
  }
}

/** @throws Error when it cannot be written */
function openJournalFile({ path, keepMs, open, clock, onDamage }: FileOptions): OpenJournal {
  using opened = new DisposableStack()
  opened.adopt(lockForWriting(path), (lock) => lock.release())
  const db = opened.adopt(openForWriting(path, open), closeQuietly)
  pruneSeries(db)
  const store = createStore(db, onDamage)
  const housekeeping = createHousekeeping(store, keepMs, clock)
  const identity = fileIdentity(path)
  const kept = opened.move()
  return {
    store,
    housekeeping,
    isInPlace: () => fileIdentity(path) === identity,
    close: () => kept.dispose(),
  }
}

function closeQuietly(db: DatabaseSync): void {
  try {
    db.close()
  } catch {
    // Closing writes the log to the file, which a full disk may not allow; the next opening will.
  }
}
