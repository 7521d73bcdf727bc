/** Prints scores: goals and tables, or JSON and, with `--explain`, every miss and false alarm. */
import { asMarkdown, asText } from '../tables/print_table.ts'
import { explain } from './score/explain.ts'
import type { FormScore } from './score/forms.ts'
import { goalResults, goalTable } from './score/goals.ts'
import { type Result, tablesOf } from './score/tables.ts'

export interface Shown {
  readonly shownAs: 'text' | 'markdown' | 'json'
  /** Print every miss and false alarm with the probes around it. */
  readonly explain: boolean
}

export interface Scored extends Result {
  /** A paragraph for each miss and false alarm; empty without `--explain`. */
  readonly notes: readonly string[]
}

export function scored({ recording, score }: FormScore, { explain: explained }: Shown): Scored {
  const { kind, intervalMs, identity, seed } = recording
  const notes = explained ? explain(recording, score) : []
  return { name: { kind, intervalMs, identity, seed }, score, notes }
}

export function report(results: readonly Scored[], { shownAs }: Shown): void {
  const show = shownAs === 'markdown' ? asMarkdown : asText
  const tables = [...tablesOf(results), goalTable(results)]
  const text =
    shownAs === 'json'
      ? JSON.stringify({ farms: results, goals: goalResults(results) }, null, 2)
      : [...tables.map(show), ...results.flatMap(({ notes }) => notes)].join('\n\n')
  process.stdout.write(`${text}\n`)
}
