/** `node proof/explain/large.ts [--gb 5]`: a log of ARR that no disk holds, streamed through `explain`: how fast, and in how much memory. */
import { parseArgs } from 'node:util'
import { explainLogs } from '../../src/iis/explain/explain_logs.ts'
import { seededRandom } from '../../src/runtime/random.ts'
import { largeLog } from './large_log.ts'

const { values } = parseArgs({ options: { gb: { type: 'string', default: '5' } } })
const bytes = Number(values.gb) * 1e9
const before = process.cpuUsage()
const { requests, incidents, left } = await explainLogs(['u_ex.log'], {
  open: () => () => largeLog(bytes, seededRandom(1)),
})
const { user, system } = process.cpuUsage(before)
const cpuS = (user + system) / 1e6
console.table({
  GB: bytes / 1e9,
  requests,
  incidents: incidents.length,
  left,
  'CPU, s (with the making of the log)': Math.round(cpuS),
  'lines/s of CPU': Math.round(requests / cpuS),
  'most memory, MiB': Math.round(process.resourceUsage().maxRSS / 1024),
})
