/** Alerts on what users notice. */
import { panelIds } from '../grafana_names.ts'
import type { Alert, Detail, Shown } from './alert.ts'
import { growth, latest, whileConfigured, whileWatched } from './alert_expressions.ts'
import { budgetBurn } from './recordings_budget.ts'
import { failingTwice, farmDown, incidentsRepeated, spike } from './recordings_findings.ts'
import { failures, incidentsClosed, sumOver } from './recordings_minutes.ts'

const onFarm = (panelId: number): Shown => ({ dashboard: 'farm', panelId, variables: { farm: 'farm' } })

const attributed = 'farmprobe_balancer_errors_attributed_total'

const culprit: Detail = {
  annotation: 'culprit',
  by: ['farm'],
  query: (matchers) =>
    `max by (farm, node, cause) (${latest(`${attributed}{${matchers}}`)} - (${latest(`${attributed}{${matchers}}`, '10m')} or 0 * ${latest(`${attributed}{${matchers}}`)})) > 0`,
  sentence: '{{ .Labels.node }}: {{ .Labels.cause }}.',
  otherwise: 'Not known yet.',
}

const gatewayErrorSpike: Alert = {
  name: 'FarmprobeGatewayErrorSpike',
  severity: 'critical',
  summary: 'The balancer answers 502, 503 or 504 to many requests.',
  description:
    '{{ $value | humanizePercentage }} of the answers that users of {{ $labels.farm }} get from its balancer are ' +
    '502, 503 or 504.',
  expr: `max by (farm) (max_over_time(${spike}[5m]))\n${whileWatched}`,
  shown: onFarm(panelIds.farm.ratio502),
  detail: culprit,
}

const farmDownAlert: Alert = {
  name: 'FarmprobeFarmDown',
  severity: 'critical',
  summary: 'The balancer and every node fail.',
  description: 'Check {{ $labels.check }} of {{ $labels.farm }} fails on the balancer and on every node.',
  expr: `max_over_time(${farmDown}[2m])\n${whileWatched}`,
  shown: onFarm(panelIds.farm.verdicts),
}

/**
 * By the time spent in the verdict, so that one that begins and ends between two scrapes counts too. Two probes must have
 * failed: of a slow check one failure makes the verdict for the whole interval.
 */
const balancerFault: Alert = {
  name: 'FarmprobeBalancerFault',
  severity: 'critical',
  summary: 'The balancer fails while every node is fine.',
  description:
    'The balancer of {{ $labels.farm }} fails check {{ $labels.check }} while every node answers it well: look at the ' +
    'balancer, and at what is between it and the nodes.',
  expr: `max by (farm, check) (
  ${growth('farmprobe_verdict_seconds_total{verdict="balancer_fault"}', '5m')} > 60
)
and on (farm, check) ${sumOver(`${failures}{role="balancer"}`, '5m')} >= 2
${whileWatched}
or
max by (farm, check) (${latest('farmprobe_verdict{verdict="balancer_fault"}')} == 1)
and on (farm, check) ${failingTwice}
${whileWatched}`,
  shown: onFarm(panelIds.farm.verdicts),
}

/** The shares of the windows that burn. */
const burntWindows = (windows: string): Detail => ({
  annotation: 'windows',
  by: ['farm'],
  query: (matchers) =>
    `max by (farm, window) (max_over_time(${budgetBurn}{${matchers === '' ? '' : `${matchers},`}window=~"${windows}"}[5m]))`,
  sentence: '{{ .Value | humanizePercentage }} of the probes within {{ .Labels.window }} failed.',
  otherwise: 'No longer.',
})

const burnFast: Alert = {
  name: 'FarmprobeErrorBudgetBurnFast',
  severity: 'critical',
  summary: 'The farm burns its error budget so fast that it is gone within days.',
  description:
    '{{ $value | humanizePercentage }} of the probes of the balancer of {{ $labels.farm }} failed within an hour or six; ' +
    'the objective is 0.1% in 30 days.',
  expr: `max by (farm) (max_over_time(${budgetBurn}{window=~"1h|6h"}[5m]))\n${whileWatched}`,
  shown: onFarm(panelIds.farm.availabilityOverTime),
  detail: burntWindows('1h|6h'),
}

/** Near the limit the rate of failures goes above and below it by chance: a day without ends the ticket. */
const burnSlow: Alert = {
  name: 'FarmprobeErrorBudgetBurnSlow',
  severity: 'warning',
  summary: 'The farm burns its error budget faster than it may.',
  description:
    '{{ $value | humanizePercentage }} of the probes of the balancer of {{ $labels.farm }} failed within a day or three; ' +
    'the objective is 0.1% in 30 days.',
  expr: `max by (farm) (max_over_time(${budgetBurn}{window=~"1d|3d"}[1d]))\n${whileConfigured}`,
  shown: onFarm(panelIds.farm.availabilityOverTime),
  detail: burntWindows('1d|3d'),
}

const repeatedIncidents: Alert = {
  name: 'FarmprobeRepeatedIncidents',
  severity: 'warning',
  summary: 'Users meet short failures again and again.',
  description:
    '{{ $value }} times within 24 hours requests to {{ $labels.farm }} failed. Each time it was over soon; the cause is ' +
    'still there.',
  expr: `max_over_time(${incidentsRepeated}[1d])\n${whileConfigured}`,
  shown: onFarm(panelIds.farm.blame),
  detail: {
    annotation: 'culprit',
    by: ['farm'],
    query: (matchers) =>
      `round(sum by (farm, node, cause) (${sumOver(`${incidentsClosed}{${matchers}}`, '1d')}))`,
    sentence: '{{ .Labels.node }}: {{ .Labels.cause }}, {{ .Value }} times.',
    otherwise: 'Not known yet.',
  },
}

export const userAlerts: readonly Alert[] = [
  gatewayErrorSpike,
  farmDownAlert,
  balancerFault,
  burnFast,
  burnSlow,
  repeatedIncidents,
]
