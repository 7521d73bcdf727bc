/** What is wrong with the disk, in words, from the errors of SQLite and of the file system. */

/** Primary result codes of SQLite: https://sqlite.org/rescode.html */
const sqlite = {
  busy: 5,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
} as const

const sqliteWords: Readonly<Record<number, string>> = {
  [sqlite.busy]: 'another process has locked it',
  [sqlite.readonly]: 'it is read-only; make the file and its directory writable',
  [sqlite.io]: 'the disk fails',
  [sqlite.corrupt]: 'it is damaged',
  [sqlite.full]: 'the disk is full',
  [sqlite.cantOpen]: 'it cannot be opened; make its directory writable',
  [sqlite.notADatabase]: 'it is not a SQLite file',
}

const systemWords: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; make its directory writable',
  EPERM: 'permission denied; make its directory writable',
  EROFS: 'the file system is read-only',
  ENOENT: 'its directory is missing, and cannot be made',
  ENOTDIR: 'its directory is a file',
  EEXIST: 'its directory is a file',
  ENOSPC: 'the disk is full',
}

/** Why the journal cannot be used, without its path. */
export function explainDiskError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const known = sqliteWords[primaryCode(error)] ?? (code === undefined ? undefined : systemWords[code])
  return known === undefined ? message : `${known} (${message})`
}

/** IOERR_SHORT_READ: the file ends within a page. */
const shortRead = 522

/** Whether the file is not what it was: it must be set aside before a new one can be begun. */
export const isDamage = (error: unknown): boolean =>
  ([sqlite.corrupt, sqlite.notADatabase] as number[]).includes(primaryCode(error)) ||
  (error as { errcode?: number }).errcode === shortRead ||
  // Node's, for a number that no JavaScript number holds: we write none.
  (error as NodeJS.ErrnoException).code === 'ERR_OUT_OF_RANGE'

/** Whether it is of the file, and no defect of ours. */
export const isOfFile = (error: unknown): boolean =>
  isDamage(error) || (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR'

/** What SQLite itself does not notice. */
export const damaged = (what: string): Error => Object.assign(new Error(what), { errcode: sqlite.corrupt })

export const isConstraint = (error: unknown): boolean => primaryCode(error) === sqlite.constraint

/** Whether it is about what was to be written alone, and the file can take something else. */
export const isOfRow = (error: unknown): boolean =>
  !isDamage(error) &&
  ([0, sqlite.tooBig, sqlite.constraint, sqlite.mismatch] as number[]).includes(primaryCode(error))

export const isLocked = (error: unknown): boolean => primaryCode(error) === sqlite.busy

export const cannotBeOpened = (error: unknown): boolean => primaryCode(error) === sqlite.cantOpen

export const isReadOnly = (error: unknown): boolean => primaryCode(error) === sqlite.readonly

/** Extended codes hold the primary one in their lowest byte. */
const primaryCode = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) & 0xff
