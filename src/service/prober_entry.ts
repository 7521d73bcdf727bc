/** The entry of a prober thread: the schedule, and the probe it drives. */
import { randomUUID } from 'node:crypto'
import { enableCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { ProberData } from '../schedule/threads/prober_messages.ts'

// The cache of the main thread does not reach here, and without one each start compiles everything anew.
enableCompileCache()
const { createProbe } = await import('../probe/probe.ts')
const { systemClock } = await import('../runtime/clock.ts')
const { serveProber } = await import('../schedule/threads/serve_prober.ts')

if (parentPort === null) throw new Error('prober.ts runs as a worker thread; start the service by main.ts')
const prober = createProbe({ clock: systemClock, newId: randomUUID })
serveProber(parentPort, workerData as ProberData, { clock: systemClock, ...prober })
