/** `npm run faults`: breaks things around a real farmprobe and checks what happens. Exit code 1 on any miss. */
import { writeFileSync } from 'node:fs'
import { families } from './families/all.ts'
import { type Options, optionsOf } from './options.ts'
import { asPage, asReport, asTable, isMissed } from './report.ts'
import { type Row, runAll } from './run_all.ts'

async function main(options: Options): Promise<number> {
  let done = 0
  const progress = (row: Row) => {
    done += 1
    const said = row.result?.misses.join('; ') || 'as expected'
    const verdict = row.result === undefined ? 'not run' : said
    const took = (row.tookMs / 1000).toFixed(1)
    const again = row.before === undefined ? '' : ' again'
    process.stderr.write(
      `${done} of ${options.faults.length}  ${row.fault.name}${again}  ${took} s  ${verdict}\n`,
    )
  }
  const rows = await runAll(options, progress)
  process.stdout.write(`${shown(rows, options)}\n`)
  if (options.report !== undefined) writeFileSync(options.report, JSON.stringify(asReport(rows)))
  // In CI a fault that cannot be run would go unnoticed: there it is a failure.
  const isStrict = process.env['CI'] === 'true'
  return rows.some((row) => isMissed(row) || (isStrict && row.result === undefined)) ? 1 : 0
}

function shown(rows: readonly Row[], { shownAs }: Options): string {
  if (shownAs === 'markdown') return asPage(rows, families)
  if (shownAs === 'text') return asTable(rows)
  return JSON.stringify(
    rows.map(({ fault: { name, expected }, ...row }) => ({ name, expected, ...row })),
    null,
    2,
  )
}

function asked(): Options | undefined {
  try {
    return optionsOf(process.argv.slice(2), families)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
    return undefined
  }
}

// Without a handler a signal would end Node before its 'exit' handlers end the children.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const options = asked()
// A fault that took too long may still be running: it ends with this process.
if (options !== undefined) process.exit(await main(options))
