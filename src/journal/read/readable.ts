/** What every question to a journal begins with: an open file, and what it is about. */
import type { DatabaseSync } from 'node:sqlite'
import type { Subject } from '../../model/outcome.ts'
import { type About, isAbout } from '../../model/past.ts'
import type { Minutes } from '../file/minutes.ts'
import type { Words } from '../file/rollup_bytes.ts'

/** What is needed to read a journal's file. */
export interface Readable {
  readonly db: DatabaseSync
  readonly words: Words
  readonly subjects: ReadonlyMap<number, Subject>
  /** Minutes that the table of minutes does not hold yet, or only in part. */
  readonly unfinished: readonly Minutes[]
}

/** The series that a question is about, by number. */
export const seriesAbout = ({ subjects }: Readable, about: About): Map<number, Subject> =>
  new Map([...subjects].filter(([, subject]) => isAbout(about, subject)))
