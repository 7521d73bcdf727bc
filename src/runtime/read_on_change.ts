import { type ChokidarOptions, watch } from 'chokidar'
import type { Cancel, Clock } from './clock.ts'
import { oneAtATime } from './one_at_a_time.ts'

/** Editors, deployments and IIS write a file in several steps; it is read this long after the last one. */
const settleMs = 200

/** A file that never rests is read this long after the first step. */
const longestSettleMs = 1000

/** After a reading there are none for so many times as long: a large file that never rests takes a tenth of a core. */
const restShare = 9

/** Network file systems do not report changes; files are read at least this often. */
const rereadMs = 60_000

interface Watched {
  /** A folder, or a single file. */
  readonly folder: string
  /** How many levels below the folder are watched; all of them when undefined. */
  readonly depth?: number | undefined
  /** Whether a changed file is to be read. */
  readonly isOurs?: (path: string) => boolean
  readonly onError: (error: Error) => void
}

/** Calls `read` now, soon after each change in a folder, and each minute, one call at a time, until stopped. */
export function readOnChange(
  clock: Clock,
  { folder, depth, isOurs = () => true, onError }: Watched,
  read: (isStopped: () => boolean) => Promise<void>,
): { stop(): Promise<void> } {
  // Two timers: the end of a reading must not postpone the one that a change has triggered meanwhile.
  let cancelSettled: Cancel | undefined
  let cancelReread: Cancel | undefined
  let readByMs: number | undefined
  let restUntilMs = 0
  let reading: Promise<void> = Promise.resolve()
  let stopped = false

  const readInTurn = oneAtATime(async () => {
    if (stopped) return
    const startedMs = clock.monotonicMs()
    await read(() => stopped)
    if (stopped) return
    const endedMs = clock.monotonicMs()
    restUntilMs = endedMs + restShare * (endedMs - startedMs)
    cancelReread?.()
    cancelReread = clock.after(rereadMs, readNow)
  })
  function readNow(): void {
    readByMs = undefined
    reading = readInTurn()
  }
  function changed(path: string): void {
    if (!isOurs(path)) return
    cancelSettled?.()
    const nowMs = clock.monotonicMs()
    readByMs ??= nowMs + longestSettleMs
    const settledMs = Math.min(nowMs + settleMs, readByMs)
    cancelSettled = clock.after(Math.max(settledMs, restUntilMs) - nowMs, readNow)
  }

  const options: ChokidarOptions = { ignoreInitial: true, ...(depth !== undefined && { depth }) }
  const watcher = watch(folder, options)
    .on('all', (_event, path) => changed(path))
    .on('ready', readNow)
    .on('error', (error) => onError(error as Error))
  readNow()
  return {
    async stop() {
      stopped = true
      cancelSettled?.()
      cancelReread?.()
      await Promise.all([watcher.close(), reading])
    },
  }
}
