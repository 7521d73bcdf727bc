/** Numbers for words and series, so that each is written once. */
import type { DatabaseSync } from 'node:sqlite'
import type { Words } from '../../history/rollup_bytes.ts'
import type { Role } from '../../model/farm.ts'
import { type Subject, subjectKey } from '../../model/outcome.ts'

export interface SeriesNames {
  /** Makes the number when there is none. */
  idOf(subject: Subject): number
  /** Every series that ever was, by number. */
  all(): ReadonlyMap<number, Subject>
}

/** The words of a database; a new word is written at once, in the transaction that is open. */
export function openWords(db: DatabaseSync): Words {
  const ids = new Map<string, number>()
  const words = new Map<number, string>()
  const learn = (id: number, word: string) => {
    ids.set(word, id)
    words.set(id, word)
    return id
  }
  for (const { id, word } of db.prepare('SELECT id, word FROM words').all())
    learn(id as number, word as string)
  const insert = db.prepare('INSERT INTO words (word) VALUES (?)')
  return {
    idOf: (word) => ids.get(word) ?? learn(Number(insert.run(word).lastInsertRowid), word),
    wordOf(id) {
      const word = words.get(id)
      if (word === undefined) throw new Error(`no word has the number ${id}`)
      return word
    },
  }
}

/** The series of a database; a new one is written at once, in the transaction that is open. */
export function openSeries(db: DatabaseSync): SeriesNames {
  const ids = new Map<string, number>()
  const subjects = new Map<number, Subject>()
  const learn = (id: number, subject: Subject) => {
    ids.set(subjectKey(subject), id)
    subjects.set(id, subject)
    return id
  }
  for (const row of db.prepare('SELECT id, farm, role, target, check_name FROM series').all()) {
    const { farm, target } = row as { farm: string; target: string }
    learn(row['id'] as number, {
      farm,
      role: row['role'] as Role,
      target,
      check: row['check_name'] as string,
    })
  }
  const insert = db.prepare('INSERT INTO series (farm, role, target, check_name) VALUES (?, ?, ?, ?)')
  return {
    idOf(subject) {
      const known = ids.get(subjectKey(subject))
      if (known !== undefined) return known
      const { farm, role, target, check } = subject
      return learn(Number(insert.run(farm, role, target, check).lastInsertRowid), {
        farm,
        role,
        target,
        check,
      })
    },
    all: () => subjects,
  }
}
