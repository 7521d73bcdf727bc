/** `node proof/explain/main.ts [--seed N] [--days N] [--busiest N]`: how well and how fast `explain` finds what happened. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { explainLogs } from '../../src/iis/explain/explain_logs.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { fortnight } from './fortnight.ts'
import { scoreOf } from './score.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    days: { type: 'string', default: '14' },
    busiest: { type: 'string', default: '1' },
    id: { type: 'boolean', default: false },
  },
})
const random = seededRandom(Number(values.seed))
const { files, ...truth } = fortnight({
  days: Number(values.days),
  busiest: Number(values.busiest),
  faultsADay: 12,
  random,
  nodesLogId: values.id,
})
const dir = await mkdtemp(join(tmpdir(), 'farmprobe-explain-'))
const paths: string[] = []
let lines = 0
for (const [path, text] of files) {
  const file = join(dir, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  lines += text.split('\n').length
  paths.push(file)
}
const before = process.cpuUsage()
const { incidents, ...explained } = await explainLogs(paths)
const { user, system } = process.cpuUsage(before)
await rm(dir, { recursive: true })
const { wrong, ...score } = scoreOf(truth.troubles, incidents)
process.stdout.write(`${wrong.join('\n')}\n`)
console.table({
  ...score,
  requests: truth.requests,
  left: explained.left - truth.left,
  lines,
  'lines/s of CPU': Math.round(lines / ((user + system) / 1e6)),
})
