import type { Config } from '../config/load_config.ts'
import { type Journal, type JournalOptions, openJournal } from '../journal/journal.ts'
import type { Metrics } from '../metrics/metrics.ts'

type Around = Pick<JournalOptions, 'clock' | 'log' | 'version'> & { readonly metrics: Metrics }

/** Opens the journal that the configuration names, and counts what becomes of each attempt to write. */
export const openConfiguredJournal = ({ journal }: Config, { metrics, ...around }: Around): Journal =>
  openJournal({
    ...journal,
    ...around,
    onState(state) {
      if (state.kind !== 'written') return metrics.add('farmprobe_journal_write_errors_total', {})
      metrics.set('farmprobe_journal_last_write_timestamp_seconds', {}, around.clock.wallMs() / 1000)
      metrics.set('farmprobe_journal_size_bytes', {}, state.sizeBytes)
      metrics.add('farmprobe_journal_write_seconds', {}, state.tookMs / 1000)
    },
  })
