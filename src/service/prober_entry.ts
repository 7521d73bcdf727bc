/** The entry of a prober thread: the schedule, and the probe it drives. */
import { randomUUID } from 'node:crypto'
import { prepareCode } from '../runtime/prepare_code.ts'
import type { ProberData } from '../schedule/threads/prober_messages.ts'

prepareCode()
const { createProbe } = await import('../probe/probe.ts')
const { systemClock } = await import('../runtime/clock.ts')
const { dataOfThisThread } = await import('../runtime/thread_ahead.ts')
const { serveProber } = await import('../schedule/threads/serve_prober.ts')
const { noteJudging } = await import('../schedule/threads/work_note.ts')

const data = (await dataOfThisThread()) as ProberData
const judging = noteJudging(data.note, (subject) => served.costly(subject))
const prober = createProbe({ clock: systemClock, newId: randomUUID, judging })
const served = serveProber(data, { clock: systemClock, ...prober })
