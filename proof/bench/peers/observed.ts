/**
 * farmprobe's own service, composed as `farmprobe run` composes it, with an ear at every outcome: the bench compares
 * them with what the targets timed. Arguments: configuration file, and `remember` to keep a journal.
 * Message: `outcomes`, taken since the last time.
 */
import { loadConfig } from '../../../src/config/load_config.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLog } from '../../../src/runtime/log.ts'
import { startService } from '../../../src/service/service.ts'

const load = () => loadConfig(process.argv[2] ?? '', process.env)
const first = await load()
if (!first.ok) throw new Error(JSON.stringify(first.problems))

let outcomes: [id: string, firstByteMs: number | undefined][] = []
const service = await startService(first.config, {
  load,
  clock: systemClock,
  log: createLog('warn', 'text', process.stderr),
  version: 'bench',
  lifecycle: false,
  remember: process.argv[3] === 'remember',
  onOutcome: (outcome) => outcomes.push([outcome.id, outcome.firstByteMs]),
})

process.on('message', () => {
  process.send?.(outcomes)
  outcomes = []
})
process.once('SIGTERM', () => void service.stop(1000).then(() => process.exit(0)))
process.send?.('ready')
