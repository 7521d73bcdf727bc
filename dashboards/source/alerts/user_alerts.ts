/** Alerts on what users notice. */
import { panelIds } from '../grafana_names.ts'
import type { Alert, Shown } from './alert.ts'
import { balancerAnswers, balancerGatewayErrors, indent, unlessMaintained } from './alert_expressions.ts'
import { failuresRate, probesRate } from './recordings.ts'

const onFarm = (panelId: number): Shown => ({ dashboard: 'farm', panelId, variables: { farm: 'farm' } })

/**
 * At least two errors, and at least 15 % of the answers. `increase` extrapolates to the edges of its window: by four
 * thirds at most when there are four scrapes in it, so that 1.6 is more than one error and less than two. Windows
 * with fewer scrapes than that do not count.
 */
function spikeWithin(window: string, maintenance: string): string {
  const errors = `sum by (farm) (increase(${balancerGatewayErrors}[${window}]))`
  return `${errors}
  / sum by (farm) (increase(${balancerAnswers}[${window}])) >= 0.15
and ${errors} >= 1.6
and max by (farm) (count_over_time(${balancerAnswers}[${window}])) >= 4
${unlessMaintained(maintenance)}`
}

/** The window of a minute is for scrapes at least every 15 s and frequent checks, that of five minutes for slower ones. */
const spike: Alert = {
  name: 'FarmprobeGatewayErrorSpike',
  severity: 'critical',
  summary: 'The balancer answers 502, 503 or 504 to many requests.',
  description:
    '{{ $value | humanizePercentage }} of the answers that users of {{ $labels.farm }} get from its balancer are ' +
    '502, 503 or 504.',
  expr: `(\n${indent(spikeWithin('1m', '2m'))}\n)\nor\n(\n${indent(spikeWithin('5m', '6m'))}\n)`,
  keepFiringFor: '5m',
  shown: onFarm(panelIds.farm.ratio502),
  queried: {
    culprit:
      '{{ range printf "topk(3, sum by (node, cause) (increase(farmprobe_balancer_errors_attributed_total{farm=%q}[10m])) > 0.5)" ' +
      '$labels.farm | query }}{{ .Labels.node }}: {{ .Labels.cause }}. {{ else }}Not known yet.{{ end }}',
  },
}

const farmDown: Alert = {
  name: 'FarmprobeFarmDown',
  severity: 'critical',
  summary: 'The balancer and every node fail.',
  description: 'Check {{ $labels.check }} of {{ $labels.farm }} fails on the balancer and on every node.',
  expr: `min by (farm, check) (farmprobe_verdict{verdict="farm_down"}) == 1\n${unlessMaintained('2m')}`,
  for: '1m',
  keepFiringFor: '2m',
  shown: onFarm(panelIds.farm.verdicts),
}

/** By the time spent in the verdict, so that one that begins and ends between two scrapes counts too. */
const balancerFault: Alert = {
  name: 'FarmprobeBalancerFault',
  severity: 'critical',
  summary: 'The balancer fails while every node is fine.',
  description:
    'For {{ $value | humanizePercentage }} of the last 5 minutes the balancer of {{ $labels.farm }} failed on check ' +
    '{{ $labels.check }} while every node answered well.',
  expr: `max by (farm, check) (rate(farmprobe_verdict_seconds_total{verdict="balancer_fault"}[5m])) > 0.2
${unlessMaintained('6m')}`,
  shown: onFarm(panelIds.farm.verdicts),
}

/** The share of probes that may fail: 99.9 % of them are to succeed within 30 days. */
const budget = 0.001

interface Burn {
  readonly long: string
  readonly short: string
  /** How many times faster than the budget allows. */
  readonly factor: number
  /** Fewer failures than this do not fire, however few probes there are. */
  readonly failures: number
}

/** Every minute of the window, however often the rate is recorded: the sum is then a number of probes. */
const sumOver = (rate: string, window: string) => `sum_over_time(${rate}[${window}:1m])`

const ratioOver = (window: string) => `${sumOver(failuresRate, window)}\n  / ${sumOver(probesRate, window)}`

/** The short window makes the alert end soon after the trouble. */
function burning({ long, short, factor, failures }: Burn): string {
  return `${ratioOver(long)} > ${factor} * ${budget}
and ${ratioOver(short)} > ${factor} * ${budget}
and ${sumOver(failuresRate, long)} * 60 >= ${failures}
${unlessMaintained('6m')}`
}

const either = (burns: readonly Burn[]) =>
  burns.map((burn) => `(\n${indent(burning(burn))}\n)`).join('\nor\n')

const burnFast: Alert = {
  name: 'FarmprobeErrorBudgetBurnFast',
  severity: 'critical',
  summary: 'The farm burns its error budget so fast that it is gone within days.',
  description:
    '{{ $value | humanizePercentage }} of the probes of the balancer of {{ $labels.farm }} failed in the last hour ' +
    'or six; the objective is 0.1% in 30 days.',
  expr: either([
    { long: '1h', short: '5m', factor: 14.4, failures: 10 },
    { long: '6h', short: '30m', factor: 6, failures: 10 },
  ]),
  shown: onFarm(panelIds.farm.availabilityOverTime),
}

const burnSlow: Alert = {
  name: 'FarmprobeErrorBudgetBurnSlow',
  severity: 'warning',
  summary: 'The farm burns its error budget faster than it may.',
  description:
    '{{ $value | humanizePercentage }} of the probes of the balancer of {{ $labels.farm }} failed in the last day ' +
    'or three; the objective is 0.1% in 30 days.',
  expr: either([
    { long: '1d', short: '2h', factor: 3, failures: 5 },
    { long: '3d', short: '6h', factor: 1, failures: 5 },
  ]),
  for: '15m',
  shown: onFarm(panelIds.farm.availabilityOverTime),
}

export const userAlerts: readonly Alert[] = [spike, farmDown, balancerFault, burnFast, burnSlow]
