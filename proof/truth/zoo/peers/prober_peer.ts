/**
 * farmprobe's own service, composed as `farmprobe run` composes it, in a process that can be stopped and starved. Argument:
 * the configuration file. Messages: `ready`, then once a second all outcomes and events since the last message.
 */
import { loadConfig } from '../../../../src/config/load_config.ts'
import type { FarmEvent } from '../../../../src/model/event.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import { systemClock } from '../../../../src/runtime/clock.ts'
import { createLog } from '../../../../src/runtime/log.ts'
import { startService } from '../../../../src/service/service.ts'

export interface ProberBatch {
  /** `postedMs`: when the main thread received it, wall milliseconds. */
  readonly outcomes: readonly { readonly postedMs: number; readonly outcome: Outcome }[]
  readonly events: readonly FarmEvent[]
}

const load = () => loadConfig(process.argv[2] ?? '', process.env)
const first = await load()
if (!first.ok) throw new Error(JSON.stringify(first.problems))

let outcomes: { postedMs: number; outcome: Outcome }[] = []
let events: FarmEvent[] = []
const service = await startService(first.config, {
  load,
  clock: systemClock,
  log: createLog('warn', 'text', process.stderr),
  version: 'zoo',
  lifecycle: false,
  onOutcome: (outcome) => outcomes.push({ postedMs: systemClock.wallMs(), outcome }),
  onEvent: (event) => events.push(event),
})

const sending = setInterval(() => {
  process.send?.({ outcomes, events } satisfies ProberBatch)
  outcomes = []
  events = []
}, 1000)
const stop = () => {
  clearInterval(sending)
  void service.stop(1000).then(() => process.exit(0))
}
process.once('SIGTERM', stop)
process.once('disconnect', stop)
process.send?.('ready')
