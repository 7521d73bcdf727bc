/** The journal that a configuration names, for the verbs that read it, and the page that they write where --html asks for one. */
import { writeFile } from 'node:fs/promises'
import { loadConfig } from '../config/load_config.ts'
import { formatProblem } from '../config/yaml/problem.ts'
import { explainDiskError, isOfFile } from '../journal/file/disk_error.ts'
import { type JournalReader, openJournalReader } from '../journal/read/reader.ts'
import type { Span } from '../model/past.ts'
import type { Edge } from './process_edge.ts'

/** Opens it, acts and closes it. Returns the exit code: that of `act`, or 2, with why, where it cannot be read. */
export async function withJournal(
  file: string,
  edge: Edge,
  act: (journal: JournalReader) => number | Promise<number>,
): Promise<number> {
  const loaded = await loadConfig(file, edge.env)
  if (!loaded.ok) {
    for (const problem of loaded.problems) edge.stderr.write(`${formatProblem(problem)}\n`)
    return 2
  }
  return withJournalAt(loaded.config.journal.path, edge, act)
}

/** The same for a journal by its path. It may turn out on the way that it cannot be read. */
export async function withJournalAt(
  path: string,
  { stderr }: Edge,
  act: (journal: JournalReader) => number | Promise<number>,
): Promise<number> {
  const refuse = (why: string) => {
    stderr.write(`${path}: the journal cannot be read: ${why}\n`)
    return 2
  }
  let journal: JournalReader
  try {
    journal = openJournalReader(path)
  } catch (error) {
    return refuse((error as Error).message)
  }
  try {
    return await act(journal)
  } catch (error) {
    if (!isOfFile(error)) throw error
    return refuse(explainDiskError(error))
  } finally {
    journal.close()
  }
}

/** The farms to tell of: the one that is named, or all; undefined, with why, where the journal does not know it. */
export function farmsToTell(
  journal: JournalReader,
  farm: string | undefined,
  edge: Edge,
): readonly string[] | undefined {
  const names = journal.farms()
  if (farm === undefined) return names
  if (names.includes(farm)) return [farm]
  const known = names.join(', ') || 'no farm yet'
  edge.stderr.write(`--farm: the journal knows no farm named '${farm}'; it knows ${known}\n`)
  return undefined
}

/** The last `lengthMs`, as far as the journal goes back. */
export function lastSpan(journal: JournalReader, lengthMs: number, { clock }: Edge): Span {
  const untilMs = clock.wallMs()
  return { sinceMs: Math.min(untilMs, Math.max(untilMs - lengthMs, journal.oldestMs())), untilMs }
}

/** Writes the page that `--html` asks for. Returns whether it could; what was done, or why not, is said. */
export async function writePage(file: string, page: string, { stderr }: Edge): Promise<boolean> {
  try {
    await writeFile(file, page)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    stderr.write(`--html: ${file} cannot be written: ${whyUnwritten[code] ?? message}\n`)
    return false
  }
  stderr.write(`wrote ${file}\n`)
  return true
}

const whyUnwritten: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory',
  ENOTDIR: 'no such directory',
  EISDIR: 'it is a directory, not a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}
