import type { Path } from '../yaml/problem.ts'
import type { Reading } from '../yaml/reading.ts'
import { alternatives } from './merge_checks.ts'

/** The mappings of a check in which keys exclude each other. */
const mappings: readonly Path[] = [[], ['auth'], ['auth', 'basic'], ['tls']]

/** Refuses two settings of which one mapping may have only one; `path` is that of a check or of `defaults`. */
export function refuseRivals(reading: Reading, path: Path): void {
  for (const mapping of mappings)
    for (const group of alternatives) {
      const given = group.filter((key) => reading.tree.has([...path, ...mapping, key]))
      const last = given.at(-1)
      if (last === undefined || given.length < 2) continue
      const described = given.map((key) => describe(reading, [...path, ...mapping, key], key))
      reading.problem([...path, ...mapping, last], `${described.join(' and ')} exclude each other; keep one`)
    }
}

/** Only schedules are shown: of the others one is a secret, or long. */
const describe = (reading: Reading, path: Path, key: string) =>
  key === 'interval' || key === 'cron' ? `${key} ${reading.show(path)}` : key
