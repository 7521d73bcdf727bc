import { writeFile } from 'node:fs/promises'
import { loadConfig } from '../config/load_config.ts'
import { formatProblem } from '../config/yaml/problem.ts'
import { type JournalReader, openJournalReader } from '../journal/read/reader.ts'
import { farmFacts } from '../report/facts.ts'
import { reportHtml } from '../report/html.ts'
import { reportText } from '../report/report_text.ts'
import type { Edge } from './process_edge.ts'

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
 * success, 2 a bad configuration, an unknown farm or no journal.
 */
export async function report(options: ReportOptions, edge: Edge): Promise<number> {
  const loaded = await loadConfig(options.file, edge.env)
  if (!loaded.ok) {
    for (const problem of loaded.problems) edge.stderr.write(`${formatProblem(problem)}\n`)
    return 2
  }
  const { path } = loaded.config.journal
  let journal: JournalReader
  try {
    journal = openJournalReader(path)
  } catch (error) {
    edge.stderr.write(`${path}: the journal cannot be read: ${(error as Error).message}\n`)
    return 2
  }
  try {
    return await writeReport(journal, options, edge)
  } finally {
    journal.close()
  }
}

async function writeReport(journal: JournalReader, options: ReportOptions, edge: Edge): Promise<number> {
  const { farm, html } = options
  const names = journal.farms()
  if (farm !== undefined && !names.includes(farm)) {
    const known = names.join(', ') || 'no farm yet'
    edge.stderr.write(`--farm: the journal knows no farm named '${farm}'; it knows ${known}\n`)
    return 2
  }
  const untilMs = edge.clock.wallMs()
  const sinceMs = Math.min(untilMs, Math.max(untilMs - options.sinceMs, journal.oldestMs()))
  const span = { sinceMs, untilMs }
  const facts = names
    .filter((name) => farm === undefined || name === farm)
    .map((name) => farmFacts(journal, name, span))
  if (html !== undefined) {
    await writeFile(html, reportHtml(facts, span, journal))
    edge.stderr.write(`wrote ${html}\n`)
    return 0
  }
  const document = { since: iso(sinceMs), until: iso(untilMs), farms: facts }
  edge.stdout.write(
    options.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : reportText(facts, span, edge.stdout.isTTY === true),
  )
  return 0
}

const iso = (atMs: number) => new Date(atMs).toISOString()
