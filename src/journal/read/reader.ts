/** A journal read by another process than the one that writes it; both can work at the same time. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { Minutes } from '../../history/minutes.ts'
import { refuseDirectory } from '../file/database.ts'
import { cannotBeOpened, explainDiskError, isReadOnly } from '../file/disk_error.ts'
import { openSeries, openWords } from '../file/numbered_names.ts'
import { readPending } from '../file/previous_process.ts'
import type { OnDamage } from '../file/rows.ts'
import { migrations, refuseForeign, versionOf } from '../file/tables.ts'
import type { Readable } from './pieces.ts'
import { createQueries, type Queries } from './queries.ts'

export interface JournalReader extends Queries, Disposable {
  close(): void
}

/**
 * Opens a journal for reading; it shows what is in it now, but for rows that are damaged.
 * @throws Error that says what is wrong, without the path
 */
export function openJournalReader(path: string, onDamage: OnDamage = () => undefined): JournalReader {
  if (!existsSync(path))
    throw new Error('there is no such file; farmprobe run writes it (journal.path in the configuration)')
  let db: DatabaseSync | undefined
  try {
    refuseDirectory(path)
    db = openForReading(path)
    refuseForeign(db)
    const version = versionOf(db)
    if (version !== migrations.length)
      throw new Error(
        `it has version ${version}, and this farmprobe reads ${migrations.length}; farmprobe run brings older ones up to date`,
      )
    // One moment for all that is read.
    db.exec('BEGIN')
    const open = db
    const close = () => open.close()
    return { ...createQueries(readableOf(open, onDamage)), close, [Symbol.dispose]: close }
  } catch (error) {
    db?.close()
    throw new Error(explainDiskError(error), { cause: error })
  }
}

/** Not every question is about the words, the series and what is unfinished: of each there may be much. */
function readableOf(db: DatabaseSync, onDamage: OnDamage): Readable {
  let [words, subjects, unfinished]: Partial<[Readable['words'], Readable['subjects'], Minutes]> = []
  const from: Readable = {
    db,
    onDamage,
    get words() {
      return (words ??= openWords(db, onDamage))
    },
    get subjects() {
      return (subjects ??= openSeries(db, onDamage).all())
    },
    unfinished: () => (unfinished ??= readPending(db, from.words, from.subjects, onDamage)),
  }
  return from
}

/** Readers share a small file with the writer. Without the right to make it, a journal without a writer can be read. */
function openForReading(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: 1000 })
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (error) {
    db?.close()
    const alone = !existsSync(`${path}-wal`)
    if (!alone || !(cannotBeOpened(error) || isReadOnly(error))) throw error
    const url = pathToFileURL(path)
    url.searchParams.set('immutable', '1')
    return new DatabaseSync(url, { readOnly: true })
  }
}
