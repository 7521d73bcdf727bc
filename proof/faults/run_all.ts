/** Runs faults, some side by side, and keeps each within its time. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startTargets } from '../bench/targets.ts'
import type { Fault, Result } from './fault.ts'
import { missingFor } from './needs.ts'
import type { Options } from './options.ts'
import { suffer } from './scene.ts'

/** A fault, and what came of it. */
export interface Row {
  readonly fault: Fault
  /** Absent when it could not be run here. */
  readonly result?: Result
  /** What it would have needed, in words. */
  readonly missing: readonly string[]
  readonly tookMs: number
  /** What was not as expected at the first try. */
  readonly before?: readonly string[]
}

/** The longest that one fault may take, in milliseconds. */
const boundMs = { short: 90_000, whole: 400_000 }

/**
 * In the order given. `onRow` hears of each as it is over. What was not as expected is tried once more when all else is
 * over: the machine may have been short of something, side by side with others.
 */
export async function runAll(
  { faults, short, abreast }: Pick<Options, 'faults' | 'short' | 'abreast'>,
  onRow: (row: Row) => void,
): Promise<Row[]> {
  await using healthy = await startTargets('fast')
  const rows = new Map<Fault, Row>()
  const run = async (fault: Fault) => {
    const before = rows.get(fault)?.result?.misses
    const row = { ...(await runOne(fault, healthy.port, short)), ...(before && { before }) }
    rows.set(fault, row)
    onRow(row)
  }
  const together = faults.filter(({ alone }) => !alone).values()
  const work = async () => {
    for (const fault of together) await run(fault)
  }
  await Promise.all(Array.from({ length: abreast }, work))
  for (const fault of faults.filter(({ alone }) => alone)) await run(fault)
  for (const fault of faults) if ((rows.get(fault)?.result?.misses.length ?? 0) > 0) await run(fault)
  return faults.map((fault) => rows.get(fault)).filter((row) => row !== undefined)
}

async function runOne(fault: Fault, healthyPort: number, short: boolean): Promise<Row> {
  const sinceMs = performance.now()
  const missing = missingFor(fault)
  const row = (result?: Result): Row => ({
    fault,
    missing,
    tookMs: performance.now() - sinceMs,
    ...(result && { result }),
  })
  if (missing.length > 0) return row()
  const stand = { short, suffer: suffer.bind(undefined, healthyPort) }
  const patience = new AbortController()
  const late = sleep(short ? boundMs.short : boundMs.whole, tooLong, { signal: patience.signal, ref: false })
  late.catch(() => {})
  try {
    return row(await Promise.race([fault.run(stand), late]))
  } catch (error) {
    return row({ seen: 'nothing', after: 'unknown', misses: [String(error)] })
  } finally {
    patience.abort()
  }
}

const tooLong: Result = { seen: 'nothing', after: 'unknown', misses: ['it took too long'] }
