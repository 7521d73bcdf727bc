/** A journal in a directory of its own, on a clock that stands still until it is told to go on. */
import { join } from 'node:path'
import {
  type Journal,
  type JournalOptions,
  type JournalState,
  openJournal,
} from '../../../src/journal/journal.ts'
import { type JournalReader, openJournalReader } from '../../../src/journal/read/reader.ts'
import { quietLog } from '../quiet_log.ts'
import { createSimulatedClock, type SimulatedClock } from '../simulated_clock.ts'
import { tempDir } from '../temp_dir.ts'

export const dayMs = 86_400_000
export const always = { sinceMs: 0, untilMs: 1e15 }

export interface JournalIn extends AsyncDisposable {
  readonly path: string
  readonly clock: SimulatedClock
  /** What the journal logged. */
  readonly lines: readonly string[]
  readonly states: readonly JournalState[]
  open(different?: Partial<JournalOptions>): Journal
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
      return journal
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
