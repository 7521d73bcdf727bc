/** Words and series of a journal by number; a new one is written at once, in the transaction that is open. */
import type { DatabaseSync } from 'node:sqlite'
import { createNumbering, type Numbering } from '../../history/numbering.ts'
import { type Subject, subjectKey } from '../../model/outcome.ts'

export function openWords(db: DatabaseSync): Numbering<string> {
  const insert = db.prepare('INSERT INTO words (word) VALUES (?)')
  return createNumbering(
    db
      .prepare('SELECT id, word FROM words')
      .all()
      .map(({ id, word }) => [id as number, word as string]),
    (word) => word,
    (word) => Number(insert.run(word).lastInsertRowid),
  )
}

export function openSeries(db: DatabaseSync): Numbering<Subject> {
  const insert = db.prepare('INSERT INTO series (farm, role, target, check_name) VALUES (?, ?, ?, ?)')
  return createNumbering(
    db
      .prepare('SELECT id, farm, role, target, check_name AS "check" FROM series')
      .all()
      .map(({ id, ...subject }) => [id as number, subject as unknown as Subject]),
    subjectKey,
    ({ farm, role, target, check }) => Number(insert.run(farm, role, target, check).lastInsertRowid),
  )
}
