import type { Config } from '../config/load_config.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'

interface Around {
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly metrics: Metrics
}

/** Opens the journal that the configuration names; how it fares is counted. */
export function remember({ journal }: Config, { metrics, ...around }: Around): Journal {
  return openJournal({
    ...journal,
    ...around,
    onState(state) {
      if (state.kind !== 'written') return metrics.add('farmprobe_journal_write_errors_total', {})
      metrics.set('farmprobe_journal_last_write_timestamp_seconds', {}, around.clock.wallMs() / 1000)
      metrics.set('farmprobe_journal_size_bytes', {}, state.sizeBytes)
      metrics.add('farmprobe_journal_write_seconds', {}, state.tookMs / 1000)
    },
  })
}
