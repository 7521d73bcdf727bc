import type { JournalReader } from '../journal/read/reader.ts'
import { farmFacts } from '../report/facts.ts'
import { reportHtml } from '../report/html.ts'
import { reportText } from '../report/report_text.ts'
import type { Edge } from './process_edge.ts'
import { farmsToTell, lastSpan, withJournal, writePage } from './with_journal.ts'

export interface ReportOptions {
  readonly file: string
  readonly sinceMs: number
  readonly farm?: string
  readonly json: boolean
  /** Where to write the page. */
  readonly html?: string
}

/**
 * The verb `report`: what happened, from the journal, which `run` may be writing meanwhile. Returns the exit code: 0
 * success, 2 a bad configuration, an unknown farm, no journal or a page that cannot be written.
 */
export const report = (options: ReportOptions, edge: Edge): Promise<number> =>
  withJournal(options.file, edge, (journal) => writeReport(journal, options, edge))

async function writeReport(journal: JournalReader, options: ReportOptions, edge: Edge): Promise<number> {
  const { farm, html } = options
  const names = farmsToTell(journal, farm, edge)
  if (names === undefined) return 2
  const span = lastSpan(journal, options.sinceMs, edge)
  const facts = names.map((name) => farmFacts(journal, name, span))
  if (html !== undefined) return (await writePage(html, reportHtml(facts, span, journal), edge)) ? 0 : 2
  const document = { since: iso(span.sinceMs), until: iso(span.untilMs), farms: facts }
  edge.stdout.write(
    options.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : reportText(facts, span, edge.stdout.isTTY === true),
  )
  return 0
}

const iso = (atMs: number) => new Date(atMs).toISOString()
