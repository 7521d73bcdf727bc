/** The graphs of the farm dashboard: the balancer against its nodes over time. */
import { panelIds } from '../../grafana_names.ts'
import {
  among,
  increase,
  inRange,
  inRangeAtEnd,
  normalFirstByte,
  ofChecks,
  ofFarms,
  onBalancer,
  onNodes,
  rate,
  ratio,
  type Select,
  sumBy,
  tick,
} from '../dashboard_expressions.ts'
import { seriesLinkToNode } from '../dashboard_links.ts'
import { colours, steps, verdictMapping } from '../panels/colours.ts'
import type { PanelRow } from '../panels/grid.ts'
import { heatmap } from '../panels/heatmap.ts'
import { ranking } from '../panels/stat.ts'
import { asReference, bars, hanging, lines } from '../panels/time_series.ts'
import { timeline } from '../panels/timeline.ts'
import { worstVerdict } from './farm_now.ts'

const ids = panelIds.farm

/** Nodes in a graph at most, so that it stays readable on a farm of 200. */
const shown = 10

const byTarget = 'farm, target'
const passed = (role: string) => ofChecks('farmprobe_probes_total', role, tick, 'result="ok"')
const made = (role: string) => ofChecks('farmprobe_duration_seconds_count', role)
const answers = (role: string, ...matchers: string[]) =>
  ofChecks('farmprobe_responses_total', role, tick, ...matchers)
const answers502 = (role: string) => answers(role, 'code="502"')
const most502 = (role: string) => `topk(${shown}, ${sumBy(byTarget, inRangeAtEnd(answers502(role)))})`
const ratio502By = (role: string) =>
  ratio(sumBy(byTarget, rate(answers502(role))), sumBy(byTarget, rate(answers(role))))

const verdictsOverTime = timeline({
  id: ids.verdicts,
  title: 'Verdict over time',
  description:
    'The worst verdict around each point, for each farm and check: a fault of half a second between two scrapes is not lost.',
  unit: 'none',
  none: 'no farm',
  queries: [
    {
      expr: worstVerdict(
        'farm, check',
        (verdict) => `(${increase(ofChecks('farmprobe_verdict_seconds_total', verdict))} > bool 0)`,
      ),
      legend: '{{farm}} {{check}}',
    },
  ],
  mappings: [verdictMapping],
  thresholds: steps(colours.good),
})

const blame = ranking({
  id: ids.blame,
  title: 'Who is to blame',
  description:
    'Errors of the balancer in the time shown, by the node they are blamed on and the cause; the 10 most frequent. “balancer”: its own fault. “unknown” rather than a guess.',
  unit: 'short',
  decimals: 0,
  none: 'nobody: no errors',
  queries: [
    {
      expr: `topk(10, ${sumBy('farm, node, cause', inRange(ofFarms('farmprobe_balancer_errors_attributed_total')))} > 0)`,
      legend: '{{farm}} {{node}}: {{cause}}',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.bad),
})

const ratio502 = lines({
  id: ids.ratio502,
  title: '502 ratio: balancer and nodes',
  description: `The share of answers that are 502. High on the balancer while the nodes are at 0: it makes them itself, in the place of a node that is slow or gone. Of the nodes, the ${shown} with the most.`,
  unit: 'percentunit',
  min: 0,
  queries: [
    { expr: among(most502(onBalancer), ratio502By(onBalancer)), legend: '{{farm}} balancer' },
    { expr: among(most502(onNodes), ratio502By(onNodes)), legend: '{{farm}} {{target}}' },
  ],
  ofQuery: { 0: { 'custom.lineWidth': 2, 'custom.fillOpacity': 15 }, 1: { links: [seriesLinkToNode] } },
})

const count502By = (role: string) => sumBy(byTarget, increase(answers502(role)))

const errors502 = bars({
  id: ids.errors502,
  title: '502s: balancer up, nodes down',
  description: `How many probes were answered 502 around each point: by the balancer (upwards) and by the nodes (downwards); of those, the ${shown} with the most.`,
  unit: 'short',
  queries: [
    { expr: among(most502(onBalancer), count502By(onBalancer)), legend: '{{farm}} balancer' },
    { expr: among(most502(onNodes), count502By(onNodes)), legend: '{{farm}} {{target}}' },
  ],
  ofQuery: { 1: { ...hanging, links: [seriesLinkToNode] } },
})

const firstRequests = heatmap({
  id: ids.firstRequests,
  title: 'First requests after a recycle',
  description:
    'How many first requests took how long to their first byte, all nodes together. Bright cells high up are what users feel when a pool starts cold.',
  unit: 's',
  none: 'no recycle',
  queries: [
    {
      expr: sumBy('le', increase(ofChecks('farmprobe_first_request_seconds_bucket'))),
      legend: '{{le}}',
      as: 'heatmap',
    },
  ],
})

const meanFirstByte = (role: string, window: typeof rate) =>
  ratio(
    sumBy(byTarget, window(ofChecks('farmprobe_first_byte_seconds_sum', role))),
    sumBy(byTarget, window(ofChecks('farmprobe_first_byte_seconds_count', role))),
  )
const slowest = (role: string) => `topk(${shown}, ${meanFirstByte(role, inRangeAtEnd)})`
const ofNodes: Select = (metric, ...matchers) => ofChecks(metric, 'target!="balancer"', ...matchers)

const firstByte = lines({
  id: ids.firstByte,
  title: 'Time to first byte against normal',
  description: `The mean of the balancer and of the ${shown} slowest nodes; dashed, what is normal for a node when it is warm (the median of all). Logarithmic.`,
  unit: 's',
  logarithmic: true,
  queries: [
    { expr: among(slowest(onBalancer), meanFirstByte(onBalancer, rate)), legend: '{{farm}} balancer' },
    { expr: among(slowest(onNodes), meanFirstByte(onNodes, rate)), legend: '{{farm}} {{target}}' },
    {
      expr: `quantile(0.5, ${normalFirstByte(byTarget, rate, ofNodes)})`,
      legend: 'normal (median of nodes)',
    },
  ],
  ofQuery: { 0: { 'custom.lineWidth': 2 }, 1: { links: [seriesLinkToNode] }, 2: asReference },
})

const okShare = (role: string, window: typeof rate) =>
  ratio(sumBy(byTarget, window(passed(role))), sumBy(byTarget, window(made(role))))
const leastAvailable = (role: string) => `bottomk(${shown}, ${okShare(role, inRangeAtEnd)})`

const availability = lines({
  id: ids.availabilityOverTime,
  title: 'Availability',
  description: `The share of probes that met all expectations: the balancer and the ${shown} worst nodes. A node below, the balancer at 100 %: it is masked, and users see nothing yet.`,
  unit: 'percentunit',
  min: 0,
  max: 1,
  calcs: ['min', 'lastNotNull'],
  queries: [
    { expr: among(leastAvailable(onBalancer), okShare(onBalancer, rate)), legend: '{{farm}} balancer' },
    { expr: among(leastAvailable(onNodes), okShare(onNodes, rate)), legend: '{{farm}} {{target}}' },
  ],
  ofQuery: { 0: { 'custom.lineWidth': 2, 'custom.fillOpacity': 15 }, 1: { links: [seriesLinkToNode] } },
})

export const farmGraphs: readonly PanelRow[] = [
  { height: 5, widths: [16, 8], panels: [verdictsOverTime, blame] },
  { height: 7, panels: [ratio502, errors502] },
  { height: 7, panels: [firstRequests, firstByte, availability] },
]
