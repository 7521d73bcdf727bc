/** Alerts on farmprobe itself: whether the other alerts can be trusted. */
import { panelIds } from '../grafana_names.ts'
import type { Alert, Shown } from './alert.ts'
import { risen, whileConfigured } from './alert_expressions.ts'
import { blind, overloaded, scrapes, unwatched } from './recordings_findings.ts'

const onProber = (panelId: number): Shown => ({
  dashboard: 'prober',
  panelId,
  variables: { instance: 'instance' },
})

const ofJob: Shown = { dashboard: 'prober', panelId: panelIds.prober.scraped, variables: { job: 'job' } }

const unanswered = `${scrapes} == 0`

/** Addresses that never answered within a day: for all we know, their farms are not watched, unless others of the job answer. */
const unknown = `${unanswered} unless on (job, instance) last_over_time(farmprobe_build_info[1d])`

const missing: Alert = {
  name: 'FarmprobeMissing',
  severity: 'critical',
  summary: 'Prometheus gets nothing from farmprobe: nobody watches some farms.',
  description:
    'Prometheus has no answer from farmprobe at {{ $labels.instance }} ({{ $labels.job }}), and no other farmprobe ' +
    'watches its farms.',
  expr: `max by (job, instance) (
  (${unknown} unless on (job) ${scrapes} == 1)
  or
  (label_replace(absent(${scrapes}), "instance", "any address", "", "") unless on () ${unwatched})
  or
  ${unwatched}
)`,
  for: '1m',
  shown: onProber(panelIds.prober.scraped),
  // For all we know.
  onQueryError: 'Alerting',
}

const replicaMissing: Alert = {
  name: 'FarmprobeReplicaMissing',
  severity: 'warning',
  summary: 'One of several farmprobes that watch the same farms is missing.',
  description:
    'Prometheus has no answer from farmprobe at {{ $labels.instance }}; another one watches its farms. Start it again: ' +
    'if that one fails too, nobody watches them.',
  expr: `max by (job, instance) (
  ${unanswered}
  unless on (job, instance) ${unwatched}
)
and on (job) (${scrapes} == 1)`,
  for: '5m',
  shown: onProber(panelIds.prober.scraped),
}

/** A shard counts as there for 5 minutes, so that a rolling restart does not fire. */
const shardsSeen = 'count by (job) (count by (job, shard) (last_over_time(farmprobe_shard_info[5m])))'

/** How many there should be: the fewest that one of them says, as those that restart last still know the number from before. */
const shardMissing: Alert = {
  name: 'FarmprobeShardMissing',
  severity: 'critical',
  summary: 'A shard of farmprobe is missing: nobody watches its farms.',
  description: '{{ $value }} of the shards of {{ $labels.job }} are missing: start them.',
  expr: `min by (job) (farmprobe_shards) - ${shardsSeen} > 0`,
  for: '2m',
  shown: ofJob,
  detail: {
    annotation: 'shards',
    by: ['job'],
    query: (matchers) => {
      const known = (window: string) =>
        `group by (job, shard, shards) (last_over_time(farmprobe_shard_info{${matchers}}[${window}]))`
      return `${known('1d')} unless on (job, shard) ${known('5m')}`
    },
    sentence: 'Shard {{ .Labels.shard }} (counted from 0) of {{ .Labels.shards }}.',
    otherwise: 'Shards that were not there within a day either.',
  },
}

const overload: Alert = {
  name: 'FarmprobeOverloaded',
  severity: 'warning',
  summary: 'farmprobe does not keep its schedule.',
  description:
    'farmprobe at {{ $labels.instance }} misses more than 1% of its slots, or starts more than 1% of its probes 250 ms late: ' +
    'give it more CPU or fewer targets. Alerts on farms that only it watches wait.',
  expr: overloaded,
  for: '5m',
  shown: onProber(panelIds.prober.lagOverTime),
}

const blinded: Alert = {
  name: 'FarmprobeBlind',
  severity: 'warning',
  summary: 'farmprobe cannot trust its own measurements.',
  description:
    '{{ $value | humanizePercentage }} of the probes of farmprobe at {{ $labels.instance }} ran while its own event ' +
    'loop was late: give it more CPU. Alerts on farms that only it watches wait.',
  expr: blind,
  for: '5m',
  shown: onProber(panelIds.prober.suspectSamples),
}

/** Counts starts by their time, and scrapes that failed in between. */
const restarting: Alert = {
  name: 'FarmprobeRestarting',
  severity: 'warning',
  summary: 'farmprobe restarts again and again, or answers only now and then.',
  description:
    'farmprobe at {{ $labels.instance }} went away and came back {{ $value | humanize }} times within an hour: read the end ' +
    'of its log.',
  expr: `max by (job, instance) (
  changes(process_start_time_seconds{job=~".*farmprobe.*"}[1h])
  or
  floor(changes(${scrapes}[1h]) / 2)
) >= 3`,
  shown: onProber(panelIds.prober.uptime),
}

const reloadFailed: Alert = {
  name: 'FarmprobeConfigReloadFailed',
  severity: 'warning',
  summary: 'farmprobe could not load its configuration and runs on the last good one.',
  description:
    'The last attempt of farmprobe at {{ $labels.instance }} to load its configuration failed: its log says where, and so ' +
    'does farmprobe check.',
  expr: `max by (job, instance) (farmprobe_config_last_reload_successful) == 0
or
max by (job, instance) (farmprobe_web_config_last_reload_successful) == 0`,
  for: '1m',
  shown: onProber(panelIds.prober.configuration),
}

const discoveryFailing: Alert = {
  name: 'FarmprobeDiscoveryFailing',
  severity: 'warning',
  summary: 'farmprobe cannot refresh the list of nodes and probes those it knew.',
  description:
    'The {{ $labels.kind }} discovery of {{ $labels.farm }} failed {{ $value }} times within 15 minutes: it may watch nodes that are gone, and miss new ones.',
  expr: `max by (farm, kind) (${risen('farmprobe_discovery_failures_total', '15m')}) >= 3\n${whileConfigured}`,
  shown: { dashboard: 'prober', panelId: panelIds.prober.discovery, variables: {} },
}

const internalErrors: Alert = {
  name: 'FarmprobeInternalErrors',
  severity: 'warning',
  summary: "Probes fail by farmprobe's own fault.",
  description:
    'Probes at {{ $labels.instance }} failed with the reason "internal" within 15 minutes, or prober threads died. It is a bug: ' +
    'please report it with the log.',
  expr: `sum by (job, instance) (increase(farmprobe_probes_total{result="internal"}[15m])) > 0
or
sum by (job, instance) (${risen('farmprobe_prober_restarts_total', '15m')}) > 0`,
  shown: onProber(panelIds.prober.restarts),
}

const journalFailing: Alert = {
  name: 'FarmprobeJournalFailing',
  severity: 'warning',
  summary: 'farmprobe cannot write its journal.',
  description:
    'farmprobe at {{ $labels.instance }} has failed to write its journal for 5 minutes: look for a full disk or missing ' +
    'permissions. It keeps what it could not write in memory, as far as that goes; a restart loses it.',
  expr: `max by (job, instance) (${risen('farmprobe_journal_write_errors_total', '15m')}) > 0
and on (job, instance) time() - farmprobe_journal_last_write_timestamp_seconds > 300`,
  shown: onProber(panelIds.prober.journalWrite),
}

export const proberAlerts: readonly Alert[] = [
  missing,
  replicaMissing,
  shardMissing,
  restarting,
  overload,
  blinded,
  reloadFailed,
  discoveryFailing,
  internalErrors,
  journalFailing,
]
