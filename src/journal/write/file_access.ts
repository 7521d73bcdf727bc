/** The way to the file: opened when it can be, given up when it fails, set aside when it is damaged, tried again. */
import type { Clock } from '../../runtime/clock.ts'
import type { Log } from '../../runtime/log.ts'
import { type OpenFile, setAside } from '../file/database.ts'
import { explainDiskError, isDamage } from '../file/disk_error.ts'
import type { Store } from '../file/statements.ts'
import type { Note } from '../note.ts'
import { type Connection, connect } from './open_file.ts'

export interface LinkOptions {
  readonly path: string
  readonly keepMs: number
  readonly clock: Clock
  readonly log: Log
  readonly open: OpenFile
  /** A file has been opened for the first time in this process. */
  readonly onFirstOpen: (store: Store) => void
  /** The file cannot be used now. */
  readonly onFailure: (why: string) => void
  /** Something that the journal itself has to remember. */
  readonly onNote: (note: Note) => void
}

/** A time in which the file could not be used. */
interface Trouble {
  readonly sinceMs: number
  readonly why: string
}

export interface Link {
  /** The open file, opened now if it is time to try; undefined while there is none. */
  connection(): Connection | undefined
  /** Something went wrong: the file is closed, and opened again later. */
  failed(error: unknown): void
  /** Something was written; gives the trouble that is over by that. */
  succeeded(): Trouble | undefined
  /** For good. */
  close(): void
}

const retryAfterMs = 5000

export function createLink(options: LinkOptions): Link {
  const { path, keepMs, clock, log } = options
  let connection: Connection | undefined
  let everOpen = false
  let trouble: Trouble | undefined
  let triedMs = Number.NEGATIVE_INFINITY

  const failed = (error: unknown) => {
    const why = explainDiskError(error)
    if (trouble === undefined)
      log.warn(
        { self: 'journal', journal: path },
        `the journal cannot be used: ${why}; probing goes on without it`,
      )
    trouble ??= { sinceMs: clock.wallMs(), why }
    connection?.close()
    connection = undefined
    triedMs = clock.monotonicMs()
    if (isDamage(error) && beginAnew(why)) triedMs = Number.NEGATIVE_INFINITY
    options.onFailure(why)
  }
  const beginAnew = (why: string): boolean => {
    try {
      const file = setAside(path, clock.wallMs())
      log.warn({ self: 'journal', journal: path }, `the damaged journal was set aside as ${file}`)
      options.onNote({ kind: 'set_aside', atMs: clock.wallMs(), file, why })
      return true
    } catch (error) {
      log.warn(
        { self: 'journal', journal: path },
        `the damaged journal cannot be set aside: ${explainDiskError(error)}`,
      )
      return false
    }
  }
  return {
    connection() {
      if (connection !== undefined || clock.monotonicMs() - triedMs < retryAfterMs) return connection
      try {
        connection = connect(path, keepMs, options.open, clock)
        if (!everOpen) options.onFirstOpen(connection.store)
        everOpen = true
      } catch (error) {
        failed(error)
      }
      return connection
    },
    failed,
    succeeded() {
      const over = trouble
      trouble = undefined
      if (over !== undefined) log.info({ self: 'journal', journal: path }, 'the journal is written again')
      return over
    },
    close() {
      connection?.close()
      connection = undefined
      triedMs = Number.POSITIVE_INFINITY
    },
  }
}
