/** The entry of the thread that probes on demand, for `/probe`. */
import { prepareCode } from '../runtime/prepare_code.ts'

prepareCode()
const { serveOnDemand } = await import('../blackbox/serve_on_demand.ts')
const { readTextFile } = await import('../config/yaml/text_file.ts')
const { createSystemResolve, limitResolve } = await import('../probe/connect/resolve.ts')
const { systemClock } = await import('../runtime/clock.ts')

// Half of the threads on which Node resolves names: the others are for the schedule, which names that do not resolve
// must not hold up.
const resolve = limitResolve(createSystemResolve(), 2)
serveOnDemand({ clock: systemClock, resolve, readText: readTextFile })
