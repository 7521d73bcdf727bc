/** `npm run truth`: scores the detectors on simulated farms whose truth is known. Exit code 1 when a goal is missed. */

import { fit } from './fit/fit.ts'
import { results } from './goals/goals.ts'
import { type Job, jobsOf } from './jobs.ts'
import { watchLive } from './live/live.ts'
import { type Options, optionsOf, recordedFarms } from './options.ts'
import { scoreAll } from './score_on_threads.ts'
import { asMarkdown, asText } from './tables/print_table.ts'
import { notesOf, type Row, rowsOf } from './tables/rows.ts'
import {
  belowTable,
  blackboxTable,
  goalTable,
  outageTable,
  recycleTable,
  type Table,
} from './tables/tables.ts'
import { replayRecorded } from './zoo/replay_recorded.ts'
import { listKinds, runZoo } from './zoo/run_zoo.ts'

async function main(options: Options): Promise<number> {
  if (options.zoo?.list === true) return listKinds()
  if (options.zoo !== undefined) return runZoo({ ...options, ...options.zoo })
  if (options.recorded !== undefined) return replayRecorded({ ...options, ...options.recorded })
  if (options.fit) return fit({ ...options, folder: recordedFarms })
  const jobs = jobsOf(options)
  const rows = rowsOf(jobs, await scoreAll(jobs, (done, job) => progress(done, jobs.length, job)))
  const live = options.live ? await watchLive(options.seed, (text) => process.stderr.write(text)) : undefined
  process.stdout.write(`${shown(rows, live, options)}\n`)
  return rows.flatMap(results).some(({ status }) => status === 'missed') ? 1 : 0
}

function shown(rows: readonly Row[], live: Table | undefined, { shownAs, explain }: Options): string {
  if (shownAs === 'json')
    return JSON.stringify({ rows: rows.map((row) => ({ ...row, goals: results(row) })), live }, null, 2)
  const show = shownAs === 'markdown' ? asMarkdown : asText
  const tables = [goalTable, recycleTable, outageTable, blackboxTable, belowTable].map((table) => table(rows))
  const notes = explain ? [rows.flatMap(notesOf).join('\n')] : []
  return [
    ...[...tables, ...(live ? [live] : [])].filter((table) => table.rows.length > 0).map(show),
    ...notes,
  ].join('\n\n')
}

function progress(done: number, all: number, { scenario }: Job): void {
  if (!process.stderr.isTTY) return
  const line = `${done} of ${all} farms watched, the last: ${scenario}`
  process.stderr.write(`\r${line.padEnd(100).slice(0, 100)}${done === all ? '\n' : ''}`)
}

function complain(error: unknown): number {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return 2
}

function asked(): Options | undefined {
  try {
    return optionsOf(process.argv.slice(2))
  } catch (error) {
    process.exitCode = complain(error)
    return undefined
  }
}

const options = asked()
if (options !== undefined) process.exitCode = await main(options)
