/** Runs faults, several in parallel, each within a time limit. */
import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTargets } from '../bench/targets.ts'
import { experiment } from './experiment.ts'
import { fakeTimeLibrary } from './families/clock.ts'
import type { Fault, Need, Result } from './fault.ts'
import type { Options } from './options.ts'

/** A fault and its result. */
export interface Row {
  readonly fault: Fault
  /** Absent when it could not be run here. */
  readonly result?: Result
  /** What it needs and this machine does not have, in words. */
  readonly missing: readonly string[]
  readonly tookMs: number
  /** What was not as expected at the first try. */
  readonly before?: readonly string[]
}

/** The longest that one fault may take, in milliseconds. */
const boundMs = { short: 90_000, whole: 400_000 }

/**
 * Runs them in the order given; `onRow` is called after each. A fault that was not as expected is run once more after all
 * others: in parallel with them the machine may have been short of something.
 */
export async function runAll(
  { faults, short, parallel }: Pick<Options, 'faults' | 'short' | 'parallel'>,
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
  await Promise.all(Array.from({ length: parallel }, work))
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
  const runner = { short, experiment: experiment.bind(undefined, healthyPort) }
  const patience = new AbortController()
  const late = sleep(short ? boundMs.short : boundMs.whole, tooLong, { signal: patience.signal, ref: false })
  late.catch(() => {})
  try {
    return row(await Promise.race([fault.run(runner), late]))
  } catch (error) {
    return row({ seen: 'nothing', after: 'unknown', misses: [String(error)] })
  } finally {
    patience.abort()
  }
}

const tooLong: Result = { seen: 'nothing', after: 'unknown', misses: ['it took too long'] }

const isHere: Readonly<Record<Need, () => boolean>> = {
  root: () => process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0,
  faketime: () => fakeTimeLibrary() !== undefined,
}

const needWords: Readonly<Record<Need, string>> = {
  root: 'root, and a mount namespace of its own',
  faketime: "Debian's package faketime",
}

/** What a fault needs and this machine does not have, in words; empty when it can be run. */
const missingFor = ({ needs = [] }: Fault): string[] =>
  needs.filter((need) => !isHere[need]()).map((need) => needWords[need])
