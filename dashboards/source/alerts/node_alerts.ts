/** Alerts on nodes: trouble that reaches users if it continues. */
import { panelIds } from '../grafana_names.ts'
import type { Alert, Shown } from './alert.ts'
import { unlessMaintained } from './alert_expressions.ts'

const onNode = (panelId: number): Shown => ({
  dashboard: 'node',
  panelId,
  variables: { farm: 'farm', node: 'target' },
})

const nodeProbes = 'farmprobe_probes_total{role="node",lane="tick",result!="internal"}'
const nodeFailures = 'farmprobe_probes_total{role="node",lane="tick",result!~"ok|internal"}'

const nodeFailing: Alert = {
  name: 'FarmprobeNodeFailing',
  severity: 'warning',
  summary: 'A node fails while the balancer hides it.',
  description:
    '{{ $value | humanizePercentage }} of the probes of check {{ $labels.check }} on {{ $labels.target }} of ' +
    '{{ $labels.farm }} failed in the last 5 minutes; the balancer sends users elsewhere.',
  expr: `sum by (farm, target, check) (rate(${nodeFailures}[5m]))
  / sum by (farm, target, check) (rate(${nodeProbes}[5m])) > 0.5
and on (farm, check) rate(farmprobe_verdict_seconds_total{verdict="masked"}[5m]) > 0.5
${unlessMaintained('6m')}`,
  keepFiringFor: '5m',
  shown: onNode(panelIds.node.reasons),
}

const firstRequestSlow: Alert = {
  name: 'FarmprobeFirstRequestSlow',
  severity: 'warning',
  summary: 'The first request after a recycle takes more than 5 seconds.',
  description:
    'First requests of check {{ $labels.check }} to new workers of {{ $labels.target }} of {{ $labels.farm }} that ' +
    'took more than 5 seconds in the last hour: {{ $value | humanize }}.',
  expr: `round(
  sum by (farm, target, check) (increase(farmprobe_first_request_seconds_count[1h]))
    - sum by (farm, target, check) (increase(farmprobe_first_request_seconds_bucket{le="5.0"}[1h]))
) > 0
${unlessMaintained('61m')}`,
  shown: onNode(panelIds.node.firstRequest),
}

/** Each farmprobe that watches the farm counts all recycles: the maximum over them, not the sum, is their number. */
const within6h = (counter: string) =>
  `max by (farm, target) (sum by (job, instance, farm, target) (increase(${counter}[6h])))`

const recyclesWithin6h = within6h('farmprobe_recycles_total')

/** A canary probes pools that have idled out: each of its probes may start a worker, which does not count as a recycle. */
const recyclesOften: Alert = {
  name: 'FarmprobeNodeRecyclesOften',
  severity: 'warning',
  summary: 'A node recycles again and again.',
  description:
    '{{ $labels.target }} of {{ $labels.farm }} recycled {{ $value | humanize }} times within 6 hours.',
  expr: `round(
  ${recyclesWithin6h}
    - (
    ${within6h('farmprobe_probes_total{lane="canary"}')}
    or 0 * ${recyclesWithin6h}
  )
) >= 4
${unlessMaintained('361m')}`,
  shown: onNode(panelIds.node.recyclesByEvidence),
}

const lastRecycle = 'max by (farm, target) (farmprobe_last_recycle_timestamp_seconds{target!="balancer"})'

/**
 * The nodes whose last recycle was within 10 s of the farm's last one: at least two, and more than 30 % of them, because
 * in a large farm two coincide by chance. Fires for a quarter of an hour. A canary starts the idle pools of all nodes at once.
 */
const recycleTogether: Alert = {
  name: 'FarmprobeNodesRecycleTogether',
  severity: 'warning',
  summary: 'Nodes recycle at the same moment, so that users find no warm one.',
  description: '{{ $value | humanize }} nodes of {{ $labels.farm }} recycled within 10 seconds.',
  expr: `count by (farm) (
  ${lastRecycle}
    > on (farm) group_left ()
  (max by (farm) (farmprobe_last_recycle_timestamp_seconds > time() - 900 > 0) - 10)
)
> on (farm) clamp_min(0.3 * count by (farm) (${lastRecycle}), 1)
unless on (farm) increase(farmprobe_probes_total{lane="canary"}[16m]) > 0
${unlessMaintained('16m')}`,
  shown: { dashboard: 'farm', panelId: panelIds.farm.recyclesOverTime, variables: { farm: 'farm' } },
}

const secondsLeft =
  'clamp_min(min by (farm, target) (farmprobe_tls_not_after_timestamp_seconds > 0) - time(), 0)'
const certificates: Shown = {
  dashboard: 'farm',
  panelId: panelIds.farm.certificates,
  variables: { farm: 'farm' },
}

const certificateSoon: Alert = {
  name: 'FarmprobeCertificateExpiresSoon',
  severity: 'warning',
  summary: 'A certificate expires within three weeks.',
  description:
    'The certificate that {{ $labels.target }} of {{ $labels.farm }} presents expires in {{ $value | humanizeDuration }}.',
  expr: `${secondsLeft} < 21 * 86400 >= 3 * 86400\n${unlessMaintained('1m')}`,
  for: '10m',
  shown: certificates,
}

const certificateNow: Alert = {
  name: 'FarmprobeCertificateExpiresNow',
  severity: 'critical',
  summary: 'A certificate expires within three days, or has expired.',
  description:
    'The certificate that {{ $labels.target }} of {{ $labels.farm }} presents expires in {{ $value | humanizeDuration }} ' +
    '(0s: it has expired).',
  expr: `${secondsLeft} < 3 * 86400\n${unlessMaintained('1m')}`,
  for: '10m',
  shown: certificates,
}

export const nodeAlerts: readonly Alert[] = [
  nodeFailing,
  firstRequestSlow,
  recyclesOften,
  recycleTogether,
  certificateSoon,
  certificateNow,
]
