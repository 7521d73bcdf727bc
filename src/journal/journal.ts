/**
 * What happened, in one SQLite file: events and notes in full, probes rolled up per minute and hour, single probes
 * around events, and the state of the monitors. One writer gathers it and writes about once a second.
 */
import { addMissedToMinute, addToMinute, mergeMinutes } from '../history/minutes.ts'
import type { FarmEvent } from '../model/event.ts'
import type { Outcome, Subject } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { type OpenFile, openFile } from './file/database.ts'
import { loadMonitors, readPending, type SavedMonitor, startingNotes } from './file/previous_process.ts'
import type { OnDamage } from './file/rows.ts'
import type { MonitorPart } from './file/statements.ts'
import type { Note } from './note.ts'
import { createBacklog, isEmpty } from './write/backlog.ts'
import { createBlindSpells } from './write/blind_spells.ts'
import { createKeptProbes } from './write/kept_probes.ts'
import { type JournalState, startWriter } from './write/writer.ts'

export type { JournalState } from './write/writer.ts'

export interface JournalOptions {
  /** The file; its directory is made when it is missing. */
  readonly path: string
  /** Retention in milliseconds. */
  readonly keepMs: number
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly onState?: (state: JournalState) => void
  /** Called for each row that could not be read, or written, with the name of its table. */
  readonly onDamage?: OnDamage
  readonly open?: OpenFile
}

const writeEveryMs = 1000
/** Events are written after this: all of a moment in one transaction. */
const promptMs = 100

export type Journal = ReturnType<typeof openJournal>

/**
 * Opens the journal. Never throws because of the disk: while the file cannot be used the backlog grows up to its bounds,
 * the log says why, and opening is tried again every few seconds.
 */
export function openJournal(options: JournalOptions) {
  const { clock } = options
  const backlog = createBacklog()
  const keptProbes = createKeptProbes()
  const blindSpells = createBlindSpells()
  let hasWarned = false
  const onDamage = (table: string) => {
    if (!hasWarned)
      options.log.warn(
        { self: 'journal', journal: options.path, table },
        `rows of the journal's table "${table}" are damaged and skipped; farmprobe_journal_damaged_rows_total counts them and others`,
      )
    hasWarned = true
    options.onDamage?.(table)
  }
  const writer = startWriter(
    {
      ...options,
      open: options.open ?? openFile,
      onState: options.onState ?? (() => undefined),
      onDamage,
      onFirstOpen(store) {
        mergeMinutes(writer.running, readPending(store.db, store.words, store.series.all(), onDamage))
        const { notes, ...waiting } = backlog.waiting
        const first = startingNotes(store.db, clock.wallMs(), options.version)
        backlog.waiting = { ...waiting, notes: [...first, ...notes] }
      },
    },
    backlog,
  )
  const write = () => {
    for (const probe of keptProbes.take()) backlog.waiting.probes.push(probe)
    writer.write()
  }
  const tick = () => {
    write()
    cancelTick = clock.after(writeEveryMs, tick)
  }
  let cancelTick = clock.after(writeEveryMs, tick)
  let cancelPrompt: (() => void) | undefined
  const writeSoon = () => {
    cancelPrompt ??= clock.after(promptMs, () => {
      cancelPrompt = undefined
      write()
    })
  }
  write()
  return {
    observe(outcome: Outcome): void {
      addToMinute(backlog.waiting.minutes, outcome)
      keptProbes.observe(outcome)
      const spell = blindSpells(outcome)
      if (spell !== undefined) backlog.waiting.notes.push(spell)
    },
    /** Adds slots that passed without a probe just now. */
    missed: (subject: Subject, slots: number) =>
      addMissedToMinute(backlog.waiting.minutes, subject, slots, clock.wallMs()),
    /** Adds an event; it is written within a tenth of a second. */
    record(event: FarmEvent): void {
      backlog.waiting.events.push(event)
      keptProbes.record(event)
      writeSoon()
    },
    /** Adds a mark, a change of the configuration, ...; it is written as quickly. */
    note(note: Note): void {
      backlog.waiting.notes.push(note)
      writeSoon()
    },
    /** Saves what `take` gives when it is called, which is when the events recorded so far are written. */
    saveMonitor: (farm: string, part: MonitorPart, take: () => unknown) =>
      void backlog.waiting.monitors.set(`${part} ${farm}`, { farm, part, take }),
    /** What was saved when the last process ended, by farm. */
    loadMonitors(): ReadonlyMap<string, SavedMonitor> {
      const store = writer.store()
      try {
        return store ? loadMonitors(store) : new Map()
      } catch (error) {
        writer.failed(error)
        return new Map()
      }
    },
    /** Whether there is a file to read from now. */
    isOpen: (): boolean => writer.store() !== undefined,
    /** Writes what waits now, for a reader that is to see all. */
    flush(): void {
      if (!isEmpty(backlog.waiting)) write()
    },
    /** To be called when reading the file has failed. */
    failed: writer.failed,
    /** To be called for each row that a reader could not read. */
    onDamage,
    /** Writes the backlog, and that farmprobe was stopped. */
    close(): void {
      cancelTick()
      cancelPrompt?.()
      backlog.waiting.notes.push({ kind: 'stop', atMs: clock.wallMs() })
      write()
      writer.close()
    },
  }
}
