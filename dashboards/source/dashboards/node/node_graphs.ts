/** The graphs of the node dashboard: phases, failures, recycles. */
import { panelIds } from '../../grafana_names.ts'
import {
  asked,
  increase,
  increaseFromFirst,
  ofFarm,
  ofNode,
  ofNodeChecks,
  quantile,
  rate,
  ratio,
  sumBy,
  tick,
} from '../dashboard_expressions.ts'
import { statusSteps } from '../panels/colours.ts'
import type { Section } from '../panels/grid.ts'
import { heatmap } from '../panels/heatmap.ts'
import { asReference, bars, lines, points } from '../panels/time_series.ts'
import { timeline } from '../panels/timeline.ts'

const ids = panelIds.node

const normal = {
  expr: `max by (check) (${ofNodeChecks('farmprobe_baseline_first_byte_seconds')} > 0)`,
  legend: 'normal {{check}}',
}

const phases = lines({
  id: ids.phases,
  title: 'Time by phase',
  description:
    'Where the time of a probe goes, on average. Wait is the server thinking; connect and tls are the network and the listener; what grows tells where to look.',
  unit: 's',
  min: 0,
  stacked: true,
  queries: [
    {
      expr: `${sumBy('phase', rate(ofNodeChecks('farmprobe_phase_seconds_total')))}
  / on () group_left () (sum(${rate(ofNodeChecks('farmprobe_duration_seconds_count'))}) > 0)`,
      legend: '{{phase}}',
    },
  ],
})

const firstByteBuckets = rate(ofNodeChecks('farmprobe_first_byte_seconds_bucket', asked))

const firstByte = lines({
  id: ids.firstByte,
  title: 'Time to first byte against normal',
  description:
    'Half, nine tenths and all but one in a hundred of the probes; dashed, what is normal for each check. Logarithmic.',
  unit: 's',
  logarithmic: true,
  queries: [
    ...[0.5, 0.9, 0.99].map((q) => ({ expr: quantile(q, 'le', firstByteBuckets), legend: `p${q * 100}` })),
    normal,
  ],
  ofQuery: { 3: asReference },
})

const statusCode = timeline({
  id: ids.statusCode,
  title: 'Status code',
  description: 'What the last probe of each check was answered; 0: no answer came.',
  unit: 'none',
  none: 'no such node',
  queries: [{ expr: `max by (check) (${ofNodeChecks('farmprobe_status_code')})`, legend: '{{check}}' }],
  thresholds: statusSteps,
})

const reasons = bars({
  id: ids.reasons,
  title: 'Failures by reason',
  description:
    'Probes that failed around each point. Refused: nothing listens. Reset or closed: the worker died. Time-outs: it is cold or hangs. Ticks only.',
  unit: 'short',
  none: 'no failures',
  queries: [
    {
      expr: `${sumBy('result', increaseFromFirst(ofNodeChecks('farmprobe_probes_total', asked, tick, 'result!="ok"')))} > 0`,
      legend: '{{result}}',
    },
  ],
})

const answers = lines({
  id: ids.answers,
  title: 'Answers by status code',
  description: 'Answers by class of status code, per second of ticks.',
  unit: 'reqps',
  min: 0,
  stacked: true,
  queries: [
    { expr: sumBy('code', rate(ofNodeChecks('farmprobe_responses_total', asked, tick))), legend: '{{code}}' },
  ],
})

const firstRequests = heatmap({
  id: ids.firstRequests,
  title: 'First requests after a recycle',
  description: 'How many first requests took how long to their first byte.',
  unit: 's',
  none: 'no recycle',
  queries: [
    {
      expr: sumBy('le', increase(ofNodeChecks('farmprobe_first_request_seconds_bucket'))),
      legend: '{{le}}',
      as: 'heatmap',
    },
  ],
})

const firstRequest = points({
  id: ids.firstRequest,
  title: 'First request against normal',
  description:
    'How long the first request after each recycle waited, a point for each time there was one; dashed, what is normal when warm. The gap is what preloading saves. Logarithmic.',
  unit: 's',
  logarithmic: true,
  none: 'no recycle',
  queries: [
    {
      expr: ratio(
        sumBy('check', increase(ofNodeChecks('farmprobe_first_request_seconds_sum'))),
        sumBy('check', increase(ofNodeChecks('farmprobe_first_request_seconds_count'))),
      ),
      legend: 'first request {{check}}',
    },
    normal,
  ],
  ofQuery: { 1: asReference },
})

const recycles = bars({
  id: ids.recyclesByEvidence,
  title: 'Recycles by evidence',
  description:
    'New worker processes around each point, by what gave them away. Identity is certain; a cold start or an outage alone is a guess.',
  unit: 'short',
  none: 'no recycle',
  queries: [
    {
      expr: `${sumBy('evidence', increase(ofNode('farmprobe_recycles_total')))} > 0`,
      legend: '{{evidence}}',
    },
  ],
})

const outages = bars({
  id: ids.outagesByReason,
  title: 'Outages begun',
  description:
    'Unbroken runs of failures that began around each point, by check. Failures by reason, beside it, says why.',
  unit: 'short',
  none: 'no outage',
  queries: [
    {
      expr: `${sumBy('check', increase(ofNodeChecks('farmprobe_outages_total')))} > 0`,
      legend: '{{check}}',
    },
  ],
})

const outageLength = heatmap({
  id: ids.outageLength,
  title: 'Length of outages',
  description: 'How many outages that ended lasted how long, from the first failure to the first success.',
  unit: 's',
  none: 'no outage',
  queries: [
    {
      expr: sumBy('le', increaseFromFirst(ofNode('farmprobe_outage_seconds_bucket'))),
      legend: '{{le}}',
      as: 'heatmap',
    },
  ],
})

const blamedByCause = bars({
  id: ids.blamedByCause,
  title: 'Errors of the balancer blamed on it',
  description: 'Errors that users would have met because of this node, around each point, by cause.',
  unit: 'short',
  none: 'no errors',
  queries: [
    {
      expr: `${sumBy('cause', increase(ofFarm('farmprobe_balancer_errors_attributed_total', 'node="$node"')))} > 0`,
      legend: '{{cause}}',
    },
  ],
})

const gatewayErrors = bars({
  id: ids.gatewayErrors,
  title: 'Its own 502, 503 and 504 by who made them',
  description:
    'Gateway errors around each point, with the product that generated the page: IIS’s kernel (no worker), its worker, the ASP.NET Core Module … Bursts included.',
  unit: 'short',
  none: 'no gateway errors',
  queries: [
    {
      expr: `${sumBy('code, origin', increaseFromFirst(ofNodeChecks('farmprobe_gateway_errors_total', asked)))} > 0`,
      legend: '{{code}} {{origin}}',
    },
  ],
})

const served = (...matchers: string[]) => ofFarm('farmprobe_served_by_total', 'check=~"$check"', ...matchers)

const servedShare = lines({
  id: ids.servedShare,
  title: 'Share of the balancer’s answers',
  description:
    'How much of what the balancer answered came from this node; only where served_by is configured. 0: the balancer has taken it out.',
  unit: 'percentunit',
  min: 0,
  none: 'served_by is not configured',
  queries: [
    {
      expr: ratio(`sum(${rate(served('node="$node"'))})`, `sum(${rate(served())})`),
      legend: 'share',
    },
  ],
})

const missedSlots = bars({
  id: ids.missedSlots,
  title: 'Missed slots',
  description:
    'Probes that should have been made around each point and were not: too many of them were waiting for this node, or farmprobe was late.',
  unit: 'short',
  queries: [
    { expr: sumBy('check', increase(ofNodeChecks('farmprobe_missed_slots_total'))), legend: '{{check}}' },
  ],
})

const recyclesBySide = bars({
  id: ids.recyclesBySide,
  title: 'Recycles by who saw them',
  description:
    'Recycles around each point: seen by farmprobe from outside, counted by IIS inside, or both; only where crosscheck is configured.',
  unit: 'short',
  none: 'none, or crosscheck is not configured',
  queries: [
    {
      expr: `${sumBy('seen', increase(ofNode('farmprobe_crosscheck_recycles_total')))} > 0`,
      legend: '{{seen}}',
    },
  ],
})

const stalls = bars({
  id: ids.stalls,
  title: 'Stalls',
  description:
    'Times of 500 ms or more in which it answered nobody, around each point. One beside a recycle is its start; others are long collections, locks or a full queue.',
  unit: 'short',
  none: 'no stall',
  queries: [{ expr: `${sumBy('target', increase(ofNode('farmprobe_stalls_total')))} > 0`, legend: 'stalls' }],
})

const stallLength = heatmap({
  id: ids.stallLength,
  title: 'Length of stalls',
  description: 'For how long it answered nobody, and how often.',
  unit: 's',
  none: 'no stall',
  queries: [
    {
      expr: sumBy('le', increaseFromFirst(ofNode('farmprobe_stall_seconds_bucket'))),
      legend: '{{le}}',
      as: 'heatmap',
    },
  ],
})

export const nodeSections: readonly Section[] = [
  {
    id: ids.timeRow,
    title: 'Time and status',
    lines: [
      { height: 8, panels: [phases, firstByte] },
      { height: 4, panels: [statusCode] },
    ],
  },
  {
    id: ids.recyclesRow,
    title: 'Recycles and stalls',
    lines: [
      { height: 8, panels: [firstRequest, firstRequests] },
      { height: 8, panels: [recycles, stalls, stallLength, recyclesBySide] },
    ],
  },
  {
    id: ids.failuresRow,
    title: 'Failures and answers',
    lines: [
      { height: 8, panels: [reasons, outages, outageLength] },
      { height: 8, panels: [gatewayErrors, answers, missedSlots] },
    ],
  },
  {
    id: ids.balancerRow,
    title: 'Behind the balancer',
    lines: [{ height: 8, panels: [blamedByCause, servedShare] }],
  },
]
