/** The journal's file: opened for one writer, set aside when it is damaged, never deleted. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { explainDiskError, isLocked } from './disk_error.ts'
import { migrate } from './tables.ts'

/** Opens a SQLite file; a parameter, so that a test can keep hold of it and fill the disk. */
export type OpenFile = (path: string) => DatabaseSync

/** How long SQLite waits for a lock, in milliseconds; readers of a WAL hardly ever block a writer. */
const busyMs = 100

export const openFile: OpenFile = (path) => new DatabaseSync(path, { timeout: busyMs })

/**
 * Opens the file for writing, made and brought up to date where needed.
 * @throws Error when the disk or the directory does not allow it, or the file is damaged or not ours
 */
export function openForWriting(path: string, open: OpenFile): DatabaseSync {
  const db = open(path)
  try {
    // NORMAL: what is written survives the process at once, and a loss of power up to the last checkpoint.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
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

/** Gives a damaged file, and the files that belong to it, another name. Returns the name. */
export function setAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')
  const file = `${path}.damaged-${stamp}`
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(path + suffix)) renameSync(path + suffix, file + suffix)
  return file
}

/**
 * Locks the journal for writing, by a lock of the operating system on a file beside it.
 * @throws Error when another process has it, or the directory is missing and cannot be made
 */
export function lockForWriting(path: string) {
  refuseDirectory(path)
  makeDirectory(dirname(path))
  const file = `${path}.lock`
  let lock: DatabaseSync | undefined
  try {
    // It holds nothing: whatever is in it, or beside it, is damage. Who has locked it keeps the lock.
    for (const suffix of ['-journal', '-wal', '-shm']) rmSync(file + suffix, { force: true })
    if (existsSync(file)) truncateSync(file)
    lock = new DatabaseSync(file, { timeout: 0 })
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock?.close()
    // Not the error itself: a damaged lock says nothing about the journal.
    throw new Error(isLocked(error) ? taken : `${file}: ${explainDiskError(error)}`, { cause: error })
  }
  const held = lock
  return { release: () => held.close() }
}

/**
 * A directory with those above it. Node's own way never ends where the kernel makes none and says that there is none, as
 * below /proc.
 */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) !== path) makeDirectory(dirname(path))
  mkdirSync(path)
}

/**
 * SQLite says of a directory that it cannot be opened, or that the disk fails.
 * @throws Error when the path is that of a directory
 */
export function refuseDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Error('it is a directory; name a file in it, such as farmprobe.db')
}

const taken = 'another farmprobe writes to it; give each a journal of its own (journal.path)'

/** Identifies the file behind a path; undefined when there is none. */
export const fileIdentity = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino

/** Bytes on disk, what is not yet in the main file included. */
export const sizeOnDisk = (path: string): number =>
  ['', '-wal'].reduce(
    (sum, suffix) => sum + (statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
