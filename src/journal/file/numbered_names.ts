/** Words and series of a journal by number; a new one is written at once, in the transaction that is open. */
import type { DatabaseSync } from 'node:sqlite'
import { createNumbering, type Numbering } from '../../history/numbering.ts'
import { type Subject, subjectKey } from '../../model/outcome.ts'
import { damaged, isConstraint } from './disk_error.ts'
import type { OnDamage } from './rows.ts'

/** Numbers are given out from 1 on: a larger one is damage, and so is what comes after it. */
const mostNumbers = 2 ** 31

export function openWords(db: DatabaseSync, onDamage: OnDamage): Numbering<string> {
  const insert = db.prepare('INSERT INTO words (word) VALUES (?)')
  return createNumbering(
    rowsOf(db, 'words', 'id, word', onDamage).map(({ id, word }) => [id, word as string]),
    (word) => word,
    (word) => numbered(() => insert.run(word).lastInsertRowid),
  )
}

/** Discovery may name nodes without end; beyond so many none is added. */
export const mostSeries = 100_000

export function openSeries(db: DatabaseSync, onDamage: OnDamage): Numbering<Subject> {
  const insert = db.prepare('INSERT INTO series (farm, role, target, check_name) VALUES (?, ?, ?, ?)')
  return createNumbering(
    rowsOf(db, 'series', 'id, farm, role, target, check_name AS "check"', onDamage).map(
      // The statement names the columns of a subject, and `rowsOf` has seen that all are texts; one with a role that is
      // none belongs to no target.
      ({ id, ...subject }) => [id, subject as unknown as Subject],
    ),
    subjectKey,
    ({ farm, role, target, check }, count) => {
      if (count >= mostSeries) throw new Error('there are too many series')
      return numbered(() => insert.run(farm, role, target, check).lastInsertRowid)
    },
  )
}

function rowsOf(db: DatabaseSync, table: string, columns: string, onDamage: OnDamage) {
  const rows = db.prepare(`SELECT ${columns} FROM ${table}`).all() as {
    id: number
    [text: string]: unknown
  }[]
  return rows.filter(({ id, ...texts }) => {
    const isWhole = id <= mostNumbers && Object.values(texts).every((text) => typeof text === 'string')
    if (!isWhole) onDamage(table)
    return isWhole
  })
}

/** @throws Error of damage when a name that is not in the table is in its index, or its number is none that we gave out */
function numbered(insert: () => number | bigint): number {
  let id: number
  try {
    id = Number(insert())
  } catch (error) {
    throw isConstraint(error) ? damaged('a table and its index differ') : error
  }
  if (id > mostNumbers) throw damaged('the numbers of a table are not ours')
  return id
}
