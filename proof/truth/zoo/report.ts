/** Prints scores: tables or JSON and, with `--explain`, every miss and false alarm. */
import { asMarkdown, asText } from '../tables/print_table.ts'
import type { Recording } from './recording/recording.ts'
import { explain } from './score/explain.ts'
import type { Score } from './score/score.ts'
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

export function scored(recording: Recording, score: Score, { explain: explained }: Shown): Scored {
  const { kind, intervalMs, identity, seed } = recording
  const notes = explained ? explain(recording, score) : []
  return { name: { kind, intervalMs, identity, seed }, score, notes }
}

export function report(results: readonly Scored[], { shownAs }: Shown): void {
  const show = shownAs === 'markdown' ? asMarkdown : asText
  const text =
    shownAs === 'json'
      ? JSON.stringify(results, null, 2)
      : [...tablesOf(results).map(show), ...results.flatMap(({ notes }) => notes)].join('\n\n')
  process.stdout.write(`${text}\n`)
}
