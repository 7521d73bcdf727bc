/** The rows of the farm dashboard that are folded at first: the balancer and the nodes in depth. */
import { panelIds } from '../../grafana_names.ts'
import {
  increase,
  increaseFromFirst,
  ofChecks,
  ofFarms,
  onBalancer,
  onNodes,
  quantile,
  rate,
  sumBy,
  tick,
} from '../dashboard_expressions.ts'
import { fixed, verdictColours } from '../panels/colours.ts'
import type { Section } from '../panels/grid.ts'
import { bars, lines } from '../panels/time_series.ts'

const ids = panelIds.farm

const gatewayErrors = bars({
  id: ids.gatewayErrors,
  title: 'Gateway errors by who made them',
  description:
    'Answers 502, 503 and 504 of the balancer, with the product that generated the page, as far as the answer betrays it; bursts included.',
  unit: 'short',
  none: 'no gateway errors',
  legend: 'right',
  queries: [
    {
      expr: `${sumBy('code, origin', increaseFromFirst(ofChecks('farmprobe_gateway_errors_total', onBalancer)))} > 0`,
      legend: '{{code}} {{origin}}',
    },
  ],
})

const answers = lines({
  id: ids.answers,
  title: 'Answers of the balancer',
  description: 'Answers by class of status code, per second of ticks.',
  unit: 'reqps',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: sumBy('code', rate(ofChecks('farmprobe_responses_total', onBalancer, tick))),
      legend: '{{code}}',
    },
  ],
})

const balancerBuckets = rate(ofChecks('farmprobe_first_byte_seconds_bucket', onBalancer))

const balancerFirstByte = lines({
  id: ids.balancerFirstByte,
  title: 'Time to first byte at the balancer',
  description: 'What half, nine tenths and all but one in a hundred of the users wait at most. Logarithmic.',
  unit: 's',
  logarithmic: true,
  queries: [0.5, 0.9, 0.99].map((q) => ({
    expr: quantile(q, 'farm, le', balancerBuckets),
    legend: `{{farm}} p${q * 100}`,
  })),
})

const servedBy = lines({
  id: ids.servedBy,
  title: 'Which node answered for the balancer',
  description:
    'The share of the balancer’s answers that came from each node, the 10 largest; only where served_by is configured. Uneven shares show a node that is left out or preferred.',
  unit: 'percentunit',
  min: 0,
  none: 'served_by is not configured',
  queries: [
    {
      expr: `topk(10, ${sumBy('farm, node', rate(ofChecks('farmprobe_served_by_total')))}
  / on (farm) group_left () (${sumBy('farm', rate(ofChecks('farmprobe_served_by_total')))} > 0) > 0)`,
      legend: '{{farm}} {{node}}',
    },
  ],
})

const blameOverTime = bars({
  id: ids.blameOverTime,
  title: 'Errors of the balancer by cause',
  description: 'Why the balancer answered an error in a node’s place, around each point.',
  unit: 'short',
  none: 'no errors',
  queries: [
    {
      expr: `${sumBy('cause', increase(ofFarms('farmprobe_balancer_errors_attributed_total')))} > 0`,
      legend: '{{cause}}',
    },
  ],
})

const verdictShare = lines({
  id: ids.verdictShare,
  title: 'Time in each verdict',
  description:
    'The share of the time around each point that the farms spent in each verdict, over all checks.',
  unit: 'percentunit',
  min: 0,
  max: 1,
  stacked: true,
  queries: [
    {
      expr: `${sumBy('verdict', rate(ofChecks('farmprobe_verdict_seconds_total')))}
  / on () group_left sum(${rate(ofChecks('farmprobe_verdict_seconds_total'))})`,
      legend: '{{verdict}}',
    },
  ],
  ofSeries: verdictColours.map(([verdict, color]) => [verdict, { color: fixed(color) }]),
})

const failures = bars({
  id: ids.failures,
  title: 'Failures of nodes by reason',
  description: 'Probes of nodes that failed around each point, by reason; ticks only.',
  unit: 'short',
  none: 'no failures',
  queries: [
    {
      expr: `${sumBy('result', increaseFromFirst(ofChecks('farmprobe_probes_total', onNodes, tick, 'result!="ok"')))} > 0`,
      legend: '{{result}}',
    },
  ],
})

const outages = bars({
  id: ids.outages,
  title: 'Outages begun, by target',
  description:
    'Unbroken runs of failures that began around each point; the 10 targets with the most at each.',
  unit: 'short',
  none: 'no outage',
  queries: [
    {
      expr: `topk(10, ${sumBy('farm, target', increase(ofChecks('farmprobe_outages_total')))} > 0)`,
      legend: '{{farm}} {{target}}',
    },
  ],
})

const recycles = bars({
  id: ids.recyclesOverTime,
  title: 'Recycles by node',
  description:
    'New worker processes seen around each point; the 10 nodes with the most at each. Bars at the same time on many nodes: they recycle together.',
  unit: 'short',
  none: 'no recycle',
  queries: [
    {
      expr: `topk(10, ${sumBy('farm, target', increase(ofFarms('farmprobe_recycles_total')))} > 0)`,
      legend: '{{farm}} {{target}}',
    },
  ],
})

const stalls = bars({
  id: ids.stallsOverTime,
  title: 'Stalls by node',
  description:
    'Times of 500 ms or more in which a node answered nobody, around each point; the 10 nodes with the most at each. One beside a recycle is its start; others are long collections, locks or a full queue.',
  unit: 'short',
  none: 'no stall',
  queries: [
    {
      expr: `topk(10, ${sumBy('farm, target', increase(ofFarms('farmprobe_stalls_total')))} > 0)`,
      legend: '{{farm}} {{target}}',
    },
  ],
})

export const farmFolded: readonly Section[] = [
  {
    id: ids.balancerRow,
    title: 'The balancer in depth',
    folded: true,
    lines: [
      { height: 8, panels: [gatewayErrors, blameOverTime, answers] },
      { height: 8, panels: [balancerFirstByte, servedBy, verdictShare] },
    ],
  },
  {
    id: ids.nodesRow,
    title: 'The nodes in depth',
    folded: true,
    lines: [{ height: 8, panels: [failures, outages, recycles, stalls] }],
  },
]
