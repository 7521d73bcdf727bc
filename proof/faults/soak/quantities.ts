/** What is measured of the process regularly, and how much each may grow in an hour. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { descriptorsOf, residentBytes, threadsOf } from '../../processes.ts'
import type { Child } from '../support/child.ts'
import type { Inspector } from '../support/inspector.ts'

export interface Soaked {
  readonly child: Child
  readonly inspector: Inspector
  readonly folder: string
}

/** Allowed growth: for each hour, for any soak, and for one that is too short to fill the buffers of fixed size. */
interface Allowed {
  readonly perHour: number
  readonly anyway: number
  readonly whileFilling?: number
}

interface Quantity {
  readonly name: string
  /** Absent where growth is the purpose. */
  readonly allowed?: Allowed
  readonly read: (reading: Reading) => number
}

interface Reading {
  readonly pid: number
  readonly liveBytes: number
  readonly descriptors: number
  readonly journalBytes: number
  readonly exposition: string
  readonly nowMs: number
}

const mebibyte = 2 ** 20

const valueOf = (exposition: string, metric: string) =>
  Number(new RegExp(`^${metric} (\\S+)$`, 'm').exec(exposition)?.[1] ?? Number.NaN)

export const quantities: readonly Quantity[] = [
  {
    name: 'live memory, MiB',
    allowed: { perHour: 2, anyway: 1, whileFilling: 24 },
    read: ({ liveBytes }) => liveBytes / mebibyte,
  },
  {
    name: 'resident memory, MiB',
    allowed: { perHour: 8, anyway: 8, whileFilling: 64 },
    read: ({ pid }) => residentBytes(pid) / mebibyte,
  },
  { name: 'descriptors', allowed: { perHour: 1, anyway: 4 }, read: ({ descriptors }) => descriptors },
  { name: 'threads', allowed: { perHour: 0.5, anyway: 0.5 }, read: ({ pid }) => threadsOf(pid) },
  {
    name: 'series',
    allowed: { perHour: 200, anyway: 2000 },
    read: ({ exposition }) => exposition.match(/^[^#\n]/gm)?.length ?? 0,
  },
  {
    name: 'seconds that the journal is behind',
    allowed: { perHour: 0.5, anyway: 1 },
    read: ({ exposition, nowMs }) =>
      nowMs / 1000 - valueOf(exposition, 'farmprobe_journal_last_write_timestamp_seconds'),
  },
  { name: 'journal on disk, MiB', read: ({ journalBytes }) => journalBytes / mebibyte },
]

/** All quantities now, in their order. */
export async function measure({ child, inspector, folder }: Soaked): Promise<number[]> {
  const response = await fetch(`${child.url}/metrics`, { headers: { connection: 'close' } })
  const exposition = await response.text()
  const nowMs = Date.now()
  const liveBytes = await inspector.liveBytes()
  const journalBytes = ['', '-wal'].reduce(
    (sum, suffix) =>
      sum + (statSync(join(folder, `journal.db${suffix}`), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
  const descriptors = await fewestDescriptors(child.pid)
  const reading = { pid: child.pid, liveBytes, descriptors, journalBytes, exposition, nowMs }
  return quantities.map(({ read }) => read(reading))
}

/** The lowest count of half a second: probes in flight have descriptors too, and only a leak raises the lowest count. */
async function fewestDescriptors(pid: number): Promise<number> {
  let fewest = descriptorsOf(pid)
  for (let reading = 0; reading < 25; reading += 1) {
    await sleep(20)
    fewest = Math.min(fewest, descriptorsOf(pid))
  }
  return fewest
}
