/** The rows of the table of metrics that are about farmprobe itself. */
import { counter, gauge, histogram, summary } from './metric_row.ts'
import { turnedAway } from './turned_away.ts'

const delays = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] as const

export const ownMetrics = {
  farmprobe_schedule_lag_seconds: histogram('process', 'Delay between a slot and the start of its probe.', {
    buckets: delays,
  }),
  farmprobe_suspect_samples_total: counter(
    'process',
    'Probes of which a tenth and 20 ms or more may be our own lateness; left out of baselines.',
  ),
  farmprobe_in_flight: gauge('process', 'Probes under way.'),
  farmprobe_on_demand_requests_total: counter(
    'process',
    'Requests to /probe by answer: probed; refused: not allowed or not possible; busy: too many under way; broken: aborted or failed.',
    { beyond: { answer: ['probed', 'refused', 'busy', 'broken'] } },
  ),
  farmprobe_prober_loop_delay_seconds: summary(
    'prober',
    'Delay of the event loop of each prober thread in its last reporting period; quantile 1 is the maximum.',
    { beyond: { quantile: ['0.5', '0.99', '1.0'] } },
  ),
  farmprobe_prober_restarts_total: counter('prober', 'Restarts of prober threads that ended by themselves.'),
  farmprobe_notifications_total: counter(
    'receiver',
    'Attempts to tell a receiver of incidents: sent; failed: to be tried again; dropped: refused, or waited for too long.',
    { beyond: { result: ['sent', 'failed', 'dropped'] } },
  ),
  farmprobe_notification_queue_length: gauge('receiver', 'What a receiver has not been told yet.'),
  farmprobe_journal_last_write_timestamp_seconds: gauge(
    'process',
    'Unix time at which the journal was last written, 0 if it never was.',
  ),
  farmprobe_journal_size_bytes: gauge(
    'process',
    'Size of the journal on disk, its write-ahead log included.',
  ),
  farmprobe_journal_write_errors_total: counter(
    'process',
    'Attempts to write the journal that failed; what could not be written is kept and written with the next one that succeeds.',
  ),
  farmprobe_journal_damaged_rows_total: counter(
    'process',
    'Rows of the journal that could not be read, each time, or written; they are skipped.',
  ),
  farmprobe_journal_write_seconds: histogram(
    'process',
    'How long writing the journal blocked the main thread; probes are timed on other threads.',
    { buckets: delays },
  ),
  farmprobe_config_last_reload_successful: gauge(
    'process',
    '1 if the last attempt to load the configuration succeeded.',
  ),
  farmprobe_config_last_reload_success_timestamp_seconds: gauge(
    'process',
    'Unix time at which a configuration was last loaded successfully.',
  ),
  farmprobe_web_config_last_reload_successful: gauge(
    'process',
    '1 if the file that web.config_file names was valid when it was last read; while it is not, the last valid state applies.',
  ),
  farmprobe_web_config_last_reload_success_timestamp_seconds: gauge(
    'process',
    'Unix time at which a changed web configuration last took effect.',
  ),
  farmprobe_web_turned_away_total: counter(
    'process',
    'Connections and requests that were refused, by the limit or rule that refused them.',
    { beyond: { why: turnedAway } },
  ),
  farmprobe_build_info: gauge('build', 'Always 1; its labels are the versions of farmprobe and of Node.js.'),
  farmprobe_shards: gauge('process', 'Number of shards that the farms are split into; 1 where all are here.'),
  farmprobe_shard_info: gauge(
    'shard',
    'Always 1; its labels are the number of this shard, counted from 0, and how many there are. Absent when the farms are not split.',
  ),
} as const
