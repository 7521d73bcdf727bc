/** Alerts on nodes: trouble that reaches users if it continues. */
import { panelIds } from '../grafana_names.ts'
import type { Alert, Shown } from './alert.ts'
import { findingHold, whileConfigured, whileWatched } from './alert_expressions.ts'
import { certificateEnd, nodeFailing, recycledTogether, recyclesOften } from './recordings_findings.ts'
import { lockedOut, slowFirstRequests } from './recordings_minutes.ts'

const onNode = (panelId: number): Shown => ({
  dashboard: 'node',
  panelId,
  variables: { farm: 'farm', node: 'target' },
})

const onFarm = (panelId: number): Shown => ({ dashboard: 'farm', panelId, variables: { farm: 'farm' } })

const failing: Alert = {
  name: 'FarmprobeNodeFailing',
  severity: 'warning',
  summary: 'A node fails while the balancer hides it.',
  description:
    '{{ $labels.target }} of {{ $labels.farm }} failed {{ $value | humanizePercentage }} of the time lately; the balancer ' +
    'sends users elsewhere.',
  expr: `max_over_time(${nodeFailing}[1h])\n${whileWatched}`,
  shown: onNode(panelIds.node.reasons),
}

/** Other alerts leave such probes out: nothing is known of their targets. */
const credentialsRefused: Alert = {
  name: 'FarmprobeCredentialsRefused',
  severity: 'warning',
  summary: 'Probes are not let in: credentials are refused, or missing.',
  description:
    '{{ $value }} targets of {{ $labels.farm }} refuse the credentials of check {{ $labels.check }}, or ask for some that it ' +
    'does not have: nothing is known of how they serve users.',
  expr: `count by (farm, check) (group by (farm, target, check) ${lockedOut})\n${whileConfigured}`,
  for: '2m',
  shown: onFarm(panelIds.farm.verdicts),
}

/** One ticket for a check, whatever the number of nodes and recycles: the cure is the same for all. */
const firstRequestSlow: Alert = {
  name: 'FarmprobeFirstRequestSlow',
  severity: 'warning',
  summary: 'The first request after a recycle takes more than 5 seconds.',
  description:
    'The first request of check {{ $labels.check }} to a new worker of {{ $labels.farm }} took ' +
    '{{ $value | humanizeDuration }}: the application is not started before users need it.',
  expr: `max by (farm, check) (max_over_time(${slowFirstRequests}[${findingHold}]))\n${whileConfigured}`,
  shown: onFarm(panelIds.farm.firstRequests),
  detail: {
    annotation: 'nodes',
    by: ['farm', 'check'],
    query: (matchers) => `max_over_time(${slowFirstRequests}{${matchers}}[${findingHold}])`,
    sentence: '{{ .Labels.target }}: {{ .Value | humanizeDuration }}.',
    otherwise: 'Not known.',
  },
}

const recyclesAgain: Alert = {
  name: 'FarmprobeNodeRecyclesOften',
  severity: 'warning',
  summary: 'A node recycles again and again.',
  description: '{{ $labels.target }} of {{ $labels.farm }} recycled {{ $value }} times within 6 hours.',
  expr: `max_over_time(${recyclesOften}[${findingHold}])\n${whileConfigured}`,
  shown: onNode(panelIds.node.recyclesByEvidence),
}

const recycleTogether: Alert = {
  name: 'FarmprobeNodesRecycleTogether',
  severity: 'warning',
  summary: 'Nodes recycle at the same moment, so that users find no warm one.',
  description: '{{ $value }} nodes of {{ $labels.farm }} recycled within 20 seconds.',
  expr: `max_over_time(${recycledTogether}[${findingHold}])\n${whileConfigured}`,
  shown: onFarm(panelIds.farm.recyclesOverTime),
}

/**
 * Of the certificate that ends first of those seen within 10 minutes: a balancer may present several in turn. Negative once
 * it has ended. Told in maintenance too: its end does not depend on that.
 */
const secondsLeft = `min_over_time(${certificateEnd}[10m]) - time()`

const certificateDescription =
  'The certificate that {{ $labels.target }} of {{ $labels.farm }} presents ' +
  '{{ if lt $value 0.0 }}expired {{ $value | humanizeDuration | reReplaceAll "-" "" }} ago{{ else }}' +
  'expires in {{ $value | humanizeDuration }}{{ end }}: install a new one.'

const certificateSoon: Alert = {
  name: 'FarmprobeCertificateExpiresSoon',
  severity: 'warning',
  summary: 'A certificate expires within three weeks.',
  description: certificateDescription,
  expr: `${secondsLeft} >= 3 * 86400\n${whileConfigured}`,
  shown: onFarm(panelIds.farm.certificates),
}

const certificateNow: Alert = {
  name: 'FarmprobeCertificateExpiresNow',
  severity: 'critical',
  summary: 'A certificate expires within three days, or has expired.',
  description: certificateDescription,
  expr: `${secondsLeft} < 3 * 86400\n${whileConfigured}`,
  shown: onFarm(panelIds.farm.certificates),
}

export const nodeAlerts: readonly Alert[] = [
  failing,
  credentialsRefused,
  firstRequestSlow,
  recyclesAgain,
  recycleTogether,
  certificateSoon,
  certificateNow,
]
