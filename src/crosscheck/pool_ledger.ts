/**
 * New worker processes of one application pool, as IIS itself counts them, from successive readings of windows_exporter.
 * Only those of its series are used that are known to be right: the counters of WAS and the `pid` labels. Its gauges of
 * start times are wrong since 0.30 (windows_exporter #2302).
 */
import type { WorkerCause } from '../model/workers.ts'

/** What one reading shows of a pool; what it does not show, or shows with an impossible value, is absent. */
export interface PoolReading {
  /** Processes that work, by the labels of their series. */
  readonly pids: readonly string[]
  /** Processes created since WAS started. */
  readonly created?: number
  /** Recycles since WAS started. */
  readonly recycles?: number
  /** Processes that crashed since WAS started. */
  readonly failures?: number
  /** Processes since WAS started that did not answer its ping, were not ready in time, or did not end in time. */
  readonly pingFailures?: number
  readonly startupFailures?: number
  readonly shutdownFailures?: number
  /** Processes that work now, as WAS counts them. */
  readonly workers?: number
  /** `Running`, `Disabled`, ... */
  readonly state?: string
}

/** Why a process is new, the most telling first: one that ended late was recycled or stopped for another reason. */
const causes = [
  ['pingFailures', 'ping_failure'],
  ['startupFailures', 'startup_failure'],
  ['recycles', 'recycle'],
  ['failures', 'crash'],
  ['shutdownFailures', 'shutdown_failure'],
] as const

type Counter = 'created' | (typeof causes)[number][0]

export interface PoolLedger {
  readings: number
  readonly counters: Map<Counter, number>
  /** Process ids, by the number of the reading that showed them last. */
  readonly pids: Map<string, number>
  /** Processes of which the last reading showed the count alone; negative: the id alone. The next shows the other. */
  owed: number
  /** The last reading counted a recycle, or a failure, and no new process yet. */
  announced: WorkerCause | undefined
}

/** An id not shown in so many readings is forgotten: Windows uses numbers again. */
const rememberedReadings = 8

export const createPoolLedger = (): PoolLedger => ({
  readings: 0,
  counters: new Map(),
  pids: new Map(),
  owed: 0,
  announced: undefined,
})

/** Takes in a reading; returns the processes that are new since the last one, never those of the first. */
export function readPool(ledger: PoolLedger, reading: PoolReading) {
  const isFirst = ledger.readings === 0
  ledger.readings++
  // The counters start over when WAS restarts: how many there were before is not known.
  const reset = reading.created !== undefined && reading.created < (ledger.counters.get('created') ?? 0)
  const created = increase(ledger, 'created', reading.created)
  const grown = causes
    .map(([name, cause]) => ({ name, cause, by: increase(ledger, name, reading[name]) ?? 0 }))
    .filter(({ by }) => by > 0)
  const recycles = grown.find(({ name }) => name === 'recycles')?.by ?? 0
  const ids = notePids(ledger, reading.pids)
  if (isFirst) return undefined
  const workers = settle(ledger, created, ids) || (created === undefined && ids === 0 ? recycles : 0)
  const news = grown[0]?.cause
  const announced = news ?? ledger.announced
  ledger.announced = workers === 0 ? news : undefined
  const cause: WorkerCause = reset ? 'start' : (announced ?? 'start')
  return workers === 0 ? undefined : { workers, cause, reset }
}

/** How much a counter has grown; all of it after it started over. Undefined where it is not shown, or was not before. */
function increase({ counters }: PoolLedger, name: Counter, now: number | undefined): number | undefined {
  if (now === undefined) return undefined
  const before = counters.get(name)
  counters.set(name, now)
  if (before === undefined) return undefined
  return now < before ? now : now - before
}

function notePids({ pids, readings }: PoolLedger, shown: readonly string[]): number {
  let fresh = 0
  for (const pid of new Set(shown)) {
    if (!pids.has(pid)) fresh++
    pids.set(pid, readings)
  }
  // A reading without any means that the collector fails, or that no worker runs: neither makes the others forgotten.
  if (shown.length > 0)
    for (const [pid, reading] of pids) if (reading <= readings - rememberedReadings) pids.delete(pid)
  return fresh
}

/** New processes, each once: its count and its id may come with two readings, one after the other. */
function settle(ledger: PoolLedger, created: number | undefined, ids: number): number {
  if (created === undefined) return ids
  const freshCount = created - Math.min(created, Math.max(0, -ledger.owed))
  const freshIds = ids - Math.min(ids, Math.max(0, ledger.owed))
  ledger.owed = freshCount - freshIds
  return Math.max(freshCount, freshIds)
}
