/** What farmprobe says of itself. */
import type { Row } from './metric_row.ts'

/** What keeps clients of the web interface out. */
const turnedAway = [
  'connections',
  'certificate',
  'rate',
  'no_password',
  'password',
  'passwords_busy',
  'body',
  'scrapes',
  'streams',
] as const

export type TurnedAwayKind = (typeof turnedAway)[number]

export const ownRows = [
  {
    name: 'farmprobe_schedule_lag_seconds',
    type: 'histogram',
    help: 'How late probes start after their slot.',
    of: 'process',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  {
    name: 'farmprobe_suspect_samples_total',
    type: 'counter',
    help: 'Probes during which our own event loop was late; excluded from baselines and detection.',
    of: 'process',
  },
  {
    name: 'farmprobe_in_flight',
    type: 'gauge',
    help: 'Probes under way.',
    of: 'process',
  },
  {
    name: 'farmprobe_on_demand_requests_total',
    type: 'counter',
    help: 'Requests to /probe: probed, refused as not allowed or not possible, busy where too many were under way, or broken off.',
    of: 'process',
    beyond: { answer: ['probed', 'refused', 'busy', 'broken'] },
  },
  {
    name: 'farmprobe_prober_loop_delay_seconds',
    type: 'summary',
    help: 'Delay of the event loop of each prober thread in its last reporting period; quantile 1 is the maximum.',
    of: 'prober',
    beyond: { quantile: ['0.5', '0.99', '1.0'] },
  },
  {
    name: 'farmprobe_prober_restarts_total',
    type: 'counter',
    help: 'Prober threads that died and were started again.',
    of: 'prober',
  },
  {
    name: 'farmprobe_journal_last_write_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which the journal was last written, 0 if it never was.',
    of: 'process',
  },
  {
    name: 'farmprobe_journal_size_bytes',
    type: 'gauge',
    help: 'Size of the journal on disk, its write-ahead log included.',
    of: 'process',
  },
  {
    name: 'farmprobe_journal_write_errors_total',
    type: 'counter',
    help: 'Attempts to write the journal that failed; what waits is written when one succeeds.',
    of: 'process',
  },
  {
    name: 'farmprobe_journal_write_seconds',
    type: 'histogram',
    help: 'How long writing the journal held up the main thread; probes are timed on others.',
    of: 'process',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  {
    name: 'farmprobe_config_last_reload_successful',
    type: 'gauge',
    help: '1 if the last attempt to load the configuration succeeded.',
    of: 'process',
  },
  {
    name: 'farmprobe_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a configuration was last loaded successfully.',
    of: 'process',
  },
  {
    name: 'farmprobe_web_config_last_reload_successful',
    type: 'gauge',
    help: '1 if the file that web.config_file names was good when it was last read; while it is not, the last good state holds.',
    of: 'process',
  },
  {
    name: 'farmprobe_web_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    help: 'Unix time at which a changed web configuration last took effect.',
    of: 'process',
  },
  {
    name: 'farmprobe_web_turned_away_total',
    type: 'counter',
    help: 'Clients that were not let in and requests that were not answered, by the limit or the rule that kept them out.',
    of: 'process',
    beyond: { why: turnedAway },
  },
  {
    name: 'farmprobe_build_info',
    type: 'gauge',
    help: 'Always 1; its labels tell the version of farmprobe and of Node.js.',
    of: 'build',
  },
  {
    name: 'farmprobe_shards',
    type: 'gauge',
    help: 'Into how many shards the farms are split; 1 when this farmprobe has all of them.',
    of: 'process',
  },
  {
    name: 'farmprobe_shard_info',
    type: 'gauge',
    help: 'Always 1; its labels tell which shard of how many this is, counted from 0. Absent when there is no split.',
    of: 'shard',
  },
] as const satisfies readonly Row[]
