/** Alerts on farmprobe itself: whether the other alerts can be trusted. */
import { panelIds } from '../grafana_names.ts'
import type { Alert, Shown } from './alert.ts'
import { indent, unlessMaintained } from './alert_expressions.ts'

const onProber = (panelId: number): Shown => ({
  dashboard: 'prober',
  panelId,
  variables: { instance: 'instance' },
})

const ourScrapes = 'up{job=~".*farmprobe.*"}'

const missing: Alert = {
  name: 'FarmprobeMissing',
  severity: 'critical',
  summary: 'Prometheus gets nothing from farmprobe: nobody watches the farms.',
  description: 'Prometheus has no answer from farmprobe at {{ $labels.instance }}.',
  expr: `${ourScrapes} == 0\nor label_replace(absent(${ourScrapes}), "instance", "any address", "", "")`,
  for: '1m',
  shown: onProber(panelIds.prober.scraped),
  // For all we know.
  onQueryError: 'Alerting',
}

/** Shards seen within 5 minutes count, so that a rolling restart does not fire. */
const shardsSeen = 'count by (job) (count by (job, shard) (last_over_time(farmprobe_shard_info[5m])))'

const shardMissing: Alert = {
  name: 'FarmprobeShardMissing',
  severity: 'critical',
  summary: 'A shard of farmprobe is missing: nobody watches its farms.',
  description: 'Of the shards of {{ $labels.job }} only {{ $value | humanize }} are there.',
  expr: `${shardsSeen} < max by (job) (farmprobe_shards)`,
  for: '2m',
  shown: { dashboard: 'prober', panelId: panelIds.prober.scraped, variables: { job: 'job' } },
}

const slowProbes = `increase(farmprobe_duration_seconds_count[5m])
    - ignoring (le) increase(farmprobe_duration_seconds_bucket{le="1.0"}[5m]) > 0.5`

/** A target that answers slowly reaches its `overlap` and misses slots: that is not farmprobe's overload. */
const lostSlots = `sum by (job, instance) (
  increase(farmprobe_missed_slots_total[5m])
  unless on (job, instance, farm, target, check)
    ${slowProbes}
${indent(unlessMaintained('6m'))}
)
/ sum by (job, instance) (increase(farmprobe_probes_total{lane="tick"}[5m])) > 0.01`

const overloaded: Alert = {
  name: 'FarmprobeOverloaded',
  severity: 'warning',
  summary: 'farmprobe does not keep its schedule.',
  description:
    'farmprobe at {{ $labels.instance }} misses more than 1% of its slots, or starts more than 1% of its probes 250 ms late.',
  expr: `(\n${indent(lostSlots)}\n)
or
histogram_quantile(0.99, sum by (job, instance, le) (rate(farmprobe_schedule_lag_seconds_bucket[5m]))) > 0.25`,
  for: '5m',
  shown: onProber(panelIds.prober.lagOverTime),
}

const blind: Alert = {
  name: 'FarmprobeBlind',
  severity: 'warning',
  summary: 'farmprobe cannot trust its own measurements.',
  description:
    '{{ $value | humanizePercentage }} of the probes of farmprobe at {{ $labels.instance }} ran while its own event ' +
    'loop was late: they prove nothing about the farms.',
  expr: `sum by (job, instance) (rate(farmprobe_suspect_samples_total[5m]))
  / sum by (job, instance) (rate(farmprobe_schedule_lag_seconds_count[5m])) > 0.05`,
  for: '5m',
  shown: onProber(panelIds.prober.suspectSamples),
}

const reloadFailed: Alert = {
  name: 'FarmprobeConfigReloadFailed',
  severity: 'warning',
  summary: 'farmprobe could not load its configuration and runs on the last good one.',
  description: 'The last attempt of farmprobe at {{ $labels.instance }} to load its configuration failed.',
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
    'The {{ $labels.kind }} discovery of {{ $labels.farm }} failed {{ $value | humanize }} times in the last 15 minutes.',
  expr: `round(max by (farm, kind) (increase(farmprobe_discovery_failures_total[15m]))) >= 3
${unlessMaintained('16m')}`,
  shown: { dashboard: 'prober', panelId: panelIds.prober.discovery, variables: {} },
}

const internalErrors: Alert = {
  name: 'FarmprobeInternalErrors',
  severity: 'warning',
  summary: "Probes fail by farmprobe's own fault.",
  description:
    'Probes with the reason "internal", and prober threads that died, at {{ $labels.instance }} in the last 15 minutes: ' +
    '{{ $value | humanize }}. It is a bug: please report it with the log.',
  expr: `round(sum by (job, instance) (increase(farmprobe_probes_total{result="internal"}[15m]))) > 0
or round(sum by (job, instance) (increase(farmprobe_prober_restarts_total[15m]))) > 0`,
  shown: onProber(panelIds.prober.restarts),
}

export const proberAlerts: readonly Alert[] = [
  missing,
  shardMissing,
  overloaded,
  blind,
  reloadFailed,
  discoveryFailing,
  internalErrors,
]
