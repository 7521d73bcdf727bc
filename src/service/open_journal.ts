import type { Config } from '../config/load_config.ts'
import { type JournalOptions, openJournal } from '../journal/journal.ts'
import { startHistoryThread } from '../journal/read/history_thread.ts'
import type { Metrics } from '../metrics/metrics.ts'

type Around = Pick<JournalOptions, 'clock' | 'log' | 'version'> & { readonly metrics: Metrics }

/** Opens the journal that the configuration names, and counts what becomes of each attempt to write. */
export function openConfiguredJournal({ journal: { path, keepMs } }: Config, { metrics, ...around }: Around) {
  const journal = openJournal({
    path,
    keepMs,
    ...around,
    onState(state) {
      if (state.kind !== 'written') return metrics.add('farmprobe_journal_write_errors_total', {})
      metrics.set('farmprobe_journal_last_write_timestamp_seconds', {}, around.clock.wallMs() / 1000)
      metrics.set('farmprobe_journal_size_bytes', {}, state.sizeBytes)
      metrics.add('farmprobe_journal_write_seconds', {}, state.tookMs / 1000)
    },
    onDamage: () => metrics.add('farmprobe_journal_damaged_rows_total', {}),
  })
  const entry = new URL('./history_entry.ts', import.meta.url)
  return { ...journal, history: startHistoryThread({ path, entry, journal, ...around }) }
}

export type ConfiguredJournal = ReturnType<typeof openConfiguredJournal>
