/**
 * The one writer: writes the backlog in one transaction. When that fails it keeps what it can, and notes the gap once
 * the disk works again. No failure here stops probing.
 */
import { type Minutes, mergeMinutes, type SeriesRollup } from '../../history/minutes.ts'
import { minuteMs } from '../../runtime/duration.ts'
import { sizeOnDisk, transaction } from '../file/database.ts'
import { writeEach } from '../file/rows.ts'
import type { Store } from '../file/statements.ts'
import {
  type Backlog,
  dropSurplus,
  isEmpty,
  putBack,
  takeLost,
  takeWaiting,
  type Waiting,
} from './backlog.ts'
import { createFileAccess, type FileOptions, type OpenJournal } from './file_access.ts'

export type JournalState =
  /** `tookMs`: how long the main thread was blocked. */
  | { readonly kind: 'written'; readonly atMs: number; readonly sizeBytes: number; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly atMs: number; readonly why: string }

export interface WriterOptions extends Omit<FileOptions, 'onFailure' | 'onNote'> {
  readonly onState: (state: JournalState) => void
}

/** A minute is written this long after its end: until then its probes may still come. */
const graceMs = 5000
/** With nothing to write, the time of the last write is written this often. */
const heartbeatMs = 10_000

export function startWriter(options: WriterOptions, backlog: Backlog) {
  const { path, clock, onState } = options
  const running: Minutes = new Map()
  let beatMs = Number.NEGATIVE_INFINITY
  const file = createFileAccess({
    ...options,
    onFailure(why) {
      dropSurplus(backlog)
      onState({ kind: 'failed', atMs: clock.wallMs(), why })
    },
    onNote: (note) => backlog.waiting.notes.push(note),
  })

  /** @throws whatever the disk does; what waited then waits again */
  const writeWaiting = ({ store, housekeeping }: OpenJournal, nowMs: number): void => {
    const over = [...running].filter(([minute]) => (minute + 1) * minuteMs + graceMs <= nowMs)
    const taken = takeWaiting(backlog)
    try {
      transaction(store.db, () => writeAll(store, taken, over, nowMs))
    } catch (error) {
      putBack(backlog, taken)
      throw error
    }
    for (const [minute] of over) {
      running.delete(minute)
      housekeeping.minuteWritten(minute)
    }
    mergeMinutes(running, taken.minutes)
  }
  const noteGap = (untilMs: number) => {
    const over = file.succeeded()
    if (over === undefined) return
    const { sinceMs: atMs, why } = over
    backlog.waiting.notes.push({ kind: 'gap', atMs, untilMs, why, lost: takeLost(backlog) })
  }
  const write = (open: OpenJournal): void => {
    const nowMs = clock.wallMs()
    const beats = Math.abs(nowMs - beatMs) >= heartbeatMs
    if (isEmpty(backlog.waiting) && !beats) return
    const startedMs = clock.monotonicMs()
    if (beats && !open.isInPlace()) throw new Error('its file was removed or replaced')
    writeWaiting(open, nowMs)
    if (beats) beatMs = nowMs
    noteGap(nowMs)
    open.housekeeping.run(nowMs)
    const tookMs = clock.monotonicMs() - startedMs
    onState({ kind: 'written', atMs: nowMs, sizeBytes: sizeOnDisk(path), tookMs })
  }
  return {
    /** The open file, opened now if it is time to try; undefined while there is none. */
    store: (): Store | undefined => file.opened()?.store,
    /** Minutes that are saved but not over. */
    running,
    /** To be called with an error of another use of the store. */
    failed: file.failed,
    /** Writes what waits, and does some of the housekeeping that is due. */
    write(): void {
      const open = file.opened()
      if (open === undefined) return
      try {
        write(open)
      } catch (error) {
        file.failed(error)
      }
    },
    close: file.close,
  }
}

/** In a transaction of the caller. */
function writeAll(
  store: Store,
  { events, notes, probes, minutes, monitors }: Waiting,
  over: Iterable<[number, ReadonlyMap<string, SeriesRollup>]>,
  nowMs: number,
): void {
  const { onDamage } = store
  for (const [minute, rollups] of over) store.minute(minute, rollups.values())
  writeEach('events', events, store.event, onDamage)
  writeEach('notes', notes, store.note, onDamage)
  writeEach('probes', probes, store.probe, onDamage)
  for (const [minute, rollups] of minutes) store.pending(minute, rollups.values())
  writeEach(
    'monitors',
    monitors.values(),
    ({ farm, part, take }) => store.monitor(farm, part, nowMs, take()),
    onDamage,
  )
  store.meta('last_write_ms', nowMs)
}
