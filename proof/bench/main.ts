/** `npm run bench`: measures farmprobe against its goals and prints one table. `--short`: a quick look, for CI. */

import { parseArgs } from 'node:util'
import { machineLine } from '../machine.ts'
import { short, whole } from './durations.ts'
import { buildFarmprobe } from './farmprobe.ts'
import { accuracyRows } from './rows/accuracy.ts'
import { ceilingRows } from './rows/ceiling.ts'
import { cpuRows } from './rows/cpu.ts'
import { expressionRows } from './rows/expressions.ts'
import { growthRows } from './rows/growth.ts'
import { pageRows } from './rows/page.ts'
import { pressureRows } from './rows/pressure.ts'
import { shardRows } from './rows/shards.ts'
import { startRows } from './rows/start.ts'
import { formatTable, type Row } from './table.ts'

/** By name, so that one of them can be asked for: `npm run bench -- cpu`. */
const parts = {
  cpu: cpuRows,
  pressure: pressureRows,
  accuracy: accuracyRows,
  ceiling: ceilingRows,
  growth: growthRows,
  start: startRows,
  page: pageRows,
  shards: shardRows,
  expressions: expressionRows,
}

const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true })
const plan = values.short ? short : whole
const machine = machineLine()
await buildFarmprobe()
const rows: Row[] = []
for (const [name, part] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  process.stderr.write(`measuring ${name} ...\n`)
  rows.push(...(await part(plan)))
}
process.stdout.write(`${formatTable(rows)}\n\n${machine}\n`)
