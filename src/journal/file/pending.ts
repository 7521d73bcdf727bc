/** What had been saved of minutes that were not over when the last process ended. */

import type { DatabaseSync } from 'node:sqlite'
import type { Subject } from '../../model/outcome.ts'
import { subjectKey } from '../../model/outcome.ts'
import { type Minutes, mergeMinutes, type SeriesRollup } from './minutes.ts'
import { takeRollup, type Words } from './rollup_bytes.ts'
import { type Cursor, takeNumber } from './varint.ts'

/** A row that cannot be read is left out: it holds a second at most. */
export function readPending(db: DatabaseSync, words: Words, subjects: ReadonlyMap<number, Subject>): Minutes {
  const minutes: Minutes = new Map()
  for (const row of db.prepare('SELECT minute, rollups FROM pending ORDER BY id').all()) {
    const entries = readRow(row['rollups'] as Uint8Array, words, subjects)
    if (entries !== undefined) mergeMinutes(minutes, new Map([[row['minute'] as number, entries]]))
  }
  return minutes
}

function readRow(
  bytes: Uint8Array,
  words: Words,
  subjects: ReadonlyMap<number, Subject>,
): Map<string, SeriesRollup> | undefined {
  const entries = new Map<string, SeriesRollup>()
  const cursor: Cursor = { bytes, at: 0 }
  try {
    while (cursor.at < bytes.length) {
      const subject = subjects.get(takeNumber(cursor))
      const rollup = takeRollup(cursor, words)
      if (subject !== undefined) entries.set(subjectKey(subject), { subject, rollup })
    }
    return entries
  } catch {
    return undefined
  }
}
