/** Shows what was scored: tables, or JSON for machines, and on demand every miss. */
import { asMarkdown, asText } from '../print_table.ts'
import type { Recording } from './recording/recording.ts'
import { explain } from './score/explain.ts'
import type { Score } from './score/score.ts'
import { tablesOf } from './score/tables.ts'

export interface Shown {
  readonly shownAs: 'text' | 'markdown' | 'json'
  /** Tell every miss and false alarm, with what the probes saw around it. */
  readonly explain: boolean
}

export interface Scored {
  readonly recording: Recording
  readonly score: Score
}

export function report(scored: readonly Scored[], { shownAs, explain: explained }: Shown): void {
  const results = scored.map(({ recording, score }) => {
    const { kind, intervalMs, identity, seed } = recording
    return { name: { kind, intervalMs, identity, seed }, score }
  })
  const show = shownAs === 'markdown' ? asMarkdown : asText
  const notes = explained ? scored.flatMap(({ recording, score }) => explain(recording, score)) : []
  const text =
    shownAs === 'json'
      ? JSON.stringify(results, null, 2)
      : [...tablesOf(results).map(show), ...notes].join('\n\n')
  process.stdout.write(`${text}\n`)
}
