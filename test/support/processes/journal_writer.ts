/**
 * A process that writes a journal under load until it is killed: `node journal_writer.ts FILE FIRST`. It prints the
 * number of each event that it has recorded, the first being FIRST, and how many probes it has shown to the journal.
 */
import { openJournal } from '../../../src/journal/journal.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { createLog } from '../../../src/runtime/log.ts'
import { sampleOutcome } from '../farms/sample_farm.ts'

const [, , path = '', first = '0'] = process.argv
const clock = systemClock
const log = createLog('warn', 'text', process.stderr)
const journal = openJournal({ path, keepMs: 1e14, clock, log, version: 'test' })
let probes = 0

function record(serial: number): void {
  const atMs = serial * 1000
  const id = `event-${serial}`
  const what = {
    check: 'home',
    id,
    lane: 'tick',
    status: 502,
    origin: 'arr',
    firstByteMs: 1,
    node: 'web01',
  } as const
  journal.record({
    kind: 'balancer_error',
    atMs,
    farm: 'intranet',
    maintenance: false,
    cause: 'recycle',
    ...what,
  })
}

function load(serial: number): void {
  record(serial)
  for (let node = 0; node < 20; node++)
    journal.observe(
      sampleOutcome({ target: `web${node}`, startedMs: clock.wallMs(), id: `${serial} ${node}` }),
    )
  probes += 20
  journal.saveMonitor('intranet', 'state', () => ({ serial }))
  process.stdout.write(`${serial} ${probes}\n`)
  clock.after(4, () => load(serial + 1))
}

// As a monitor that was restored from a while ago would tell again what it has told.
for (let serial = Math.max(0, Number(first) - 200); serial < Number(first); serial++) record(serial)
load(Number(first))
