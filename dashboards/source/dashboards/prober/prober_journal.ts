/** The graphs of the journal: how long writing takes, and how large it is. */
import { panelIds } from '../../grafana_names.ts'
import { ofProbers, quantile, rate, sumBy } from '../dashboard_expressions.ts'
import { lines } from '../panels/time_series.ts'

const ids = panelIds.prober

export const journalWrite = lines({
  id: ids.journalWrite,
  title: 'Writing the journal',
  description:
    'How long a write held up the main thread, all but one in a hundred, and failed writes per second: what waits is written when one succeeds.',
  unit: 's',
  min: 0,
  none: 'no journal',
  queries: [
    {
      expr: quantile(0.99, 'instance, le', rate(ofProbers('farmprobe_journal_write_seconds_bucket'))),
      legend: '{{instance}} p99',
    },
    {
      expr: `${sumBy('instance', rate(ofProbers('farmprobe_journal_write_errors_total')))} > 0`,
      legend: '{{instance}} failures per second',
    },
  ],
  ofQuery: { 1: { unit: 'cps', 'custom.drawStyle': 'bars', 'custom.fillOpacity': 80 } },
})

export const journalSize = lines({
  id: ids.journalSize,
  title: 'Size of the journal',
  description:
    'On disk, with its write-ahead log. It stops growing when the oldest entries are as old as journal.keep.',
  unit: 'bytes',
  min: 0,
  none: 'no journal',
  queries: [
    { expr: `max by (instance) (${ofProbers('farmprobe_journal_size_bytes')} > 0)`, legend: '{{instance}}' },
  ],
})
