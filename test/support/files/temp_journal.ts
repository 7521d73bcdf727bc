/** A journal in a directory of its own, on a clock that stands still until it is told to go on. */
import { join } from 'node:path'
import {
  type Journal,
  type JournalOptions,
  type JournalState,
  openJournal,
} from '../../../src/journal/journal.ts'
import type { Queries } from '../../../src/journal/read/queries.ts'
import { type JournalReader, openJournalReader } from '../../../src/journal/read/reader.ts'
import { quietLog } from '../quiet_log.ts'
import { createSimulatedClock, type SimulatedClock } from '../simulated_clock.ts'
import { tempDir } from '../temp_dir.ts'

export const dayMs = 86_400_000
export const always = { sinceMs: 0, untilMs: 1e15 }

/** It answers as another process would that reads what it has written. */
export type JournalToAsk = Journal & Omit<Queries, 'eventsText'>

export interface JournalIn extends AsyncDisposable {
  readonly path: string
  readonly clock: SimulatedClock
  /** What the journal logged. */
  readonly lines: readonly string[]
  readonly states: readonly JournalState[]
  open(different?: Partial<JournalOptions>): JournalToAsk
  /** Looks into the file as another process would. */
  read<T>(question: (reader: JournalReader) => T): T
}

export async function journalIn(wallMs = Date.UTC(2026, 6, 1)): Promise<JournalIn> {
  const dir = await tempDir()
  const path = join(dir.path, 'data', 'journal.db')
  const clock = createSimulatedClock(wallMs)
  const { log, lines } = quietLog()
  const states: JournalState[] = []
  const opened: Journal[] = []
  const onState = (state: JournalState) => void states.push(state)
  return {
    path,
    clock,
    lines,
    states,
    open(different = {}) {
      const journal = openJournal({
        path,
        keepMs: 90 * dayMs,
        clock,
        log,
        version: '1.2.3',
        onState,
        ...different,
      })
      opened.push(journal)
      return { ...journal, ...queriesOf(different.path ?? path, journal) }
    },
    read(question) {
      const reader = openJournalReader(path)
      try {
        return question(reader)
      } finally {
        reader.close()
      }
    },
    async [Symbol.asyncDispose]() {
      for (const journal of opened) journal.close()
      await dir[Symbol.asyncDispose]()
    },
  }
}

const names = [
  'oldestMs',
  'events',
  'incidents',
  'incident',
  'steps',
  'strips',
  'failures',
  'probes',
  'marks',
  'blind',
  'notes',
  'farms',
] as const

/** As the service asks: what cannot be read is answered with nothing. */
function queriesOf(path: string, journal: Journal): Omit<Queries, 'eventsText'> {
  const ask =
    (name: (typeof names)[number]) =>
    (...question: unknown[]): unknown => {
      journal.flush()
      try {
        using reader = openJournalReader(path, journal.onDamage)
        return (reader[name] as (...all: unknown[]) => unknown)(...question)
      } catch (error) {
        journal.failed((error as Error).cause ?? error)
        return name === 'oldestMs' ? Number.POSITIVE_INFINITY : []
      }
    }
  const queries = Object.fromEntries(names.map((name) => [name, ask(name)]))
  return { kind: 'journal', ...queries } as unknown as Omit<Queries, 'eventsText'>
}
