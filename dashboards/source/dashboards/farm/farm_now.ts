/** The top of the farm dashboard: the state now, and totals of the time range. */
import { verdicts } from '../../../../src/model/event.ts'
import { panelIds } from '../../grafana_names.ts'
import {
  inRange,
  ofChecks,
  ofFarms,
  onBalancer,
  quantile,
  rate,
  ratio,
  sumBy,
  tick,
} from '../dashboard_expressions.ts'
import { linkToFarm } from '../dashboard_links.ts'
import { byThreshold, colours, steps, verdictMapping } from '../panels/colours.ts'
import type { PanelRow } from '../panels/grid.ts'
import { number, tiles } from '../panels/stat.ts'

const ids = panelIds.farm

/** The worst verdict of a farm as a number, from one vector for each verdict, which is 1 where that one holds. */
export const worstVerdict = (by: string, holds: (matcher: string) => string) => {
  const each = verdicts.map((verdict, severity) => `${severity} * ${holds(`verdict="${verdict}"`)}`)
  return `max by (${by}) (\n  ${each.join('\n  or ')}\n)`
}

const passed = ofChecks('farmprobe_probes_total', onBalancer, tick, 'result="ok"')
const made = ofChecks('farmprobe_duration_seconds_count', onBalancer)
const answers = (...matchers: string[]) =>
  ofChecks('farmprobe_responses_total', onBalancer, tick, ...matchers)
const answers502 = answers('code="502"')

const verdictNow = tiles({
  id: ids.verdictNow,
  title: 'Verdict now',
  description:
    'What the last tick said of each farm, over all its checks; the 12 worst. Masked: users see nothing, but a node fails. Node fault: the balancer fails and so do nodes. Balancer fault: the balancer fails though its nodes are fine.',
  unit: 'none',
  none: 'no farm',
  queries: [
    {
      expr: `topk(12, ${worstVerdict('farm', (verdict) => ofChecks('farmprobe_verdict', verdict))})`,
      legend: '{{farm}}',
      as: 'instant',
    },
  ],
  mappings: [verdictMapping],
  thresholds: steps(colours.good),
  color: byThreshold,
  ofQuery: { 0: { links: [linkToFarm] } },
})

const ratio502Now = number({
  id: ids.ratio502Now,
  title: '502 now',
  description: 'The share of the balancer’s answers that are 502, lately; of the worst farm.',
  unit: 'percentunit',
  min: 0,
  queries: [
    { expr: `max(${ratio(sumBy('farm', rate(answers502)), sumBy('farm', rate(answers())))})`, legend: '502' },
  ],
  thresholds: steps(colours.good, [0.0001, colours.notice], [0.05, colours.terrible]),
})

const count502 = number({
  id: ids.count502,
  title: '502s',
  description:
    'How many probes of the balancer were answered 502 in the time shown; one tick stands for many users.',
  unit: 'short',
  decimals: 0,
  queries: [{ expr: `sum(${inRange(answers502)})`, legend: '502s', as: 'instant' }],
  thresholds: steps(colours.good, [0.5, colours.notice], [10, colours.terrible]),
})

const availability = number({
  id: ids.availability,
  title: 'Availability',
  description:
    'The share of probes of the balancer that met all expectations in the time shown; of the worst farm.',
  unit: 'percentunit',
  decimals: 2,
  queries: [
    {
      expr: `min(${ratio(sumBy('farm', inRange(passed)), sumBy('farm', inRange(made)))})`,
      legend: 'available',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.terrible, [0.99, colours.notice], [0.999, colours.good]),
})

const recycles = number({
  id: ids.recycles,
  title: 'Recycles',
  description:
    'New worker processes seen behind all nodes in the time shown. Each is a line across the graphs below.',
  unit: 'short',
  decimals: 0,
  queries: [
    { expr: `sum(${inRange(ofFarms('farmprobe_recycles_total'))})`, legend: 'recycles', as: 'instant' },
  ],
})

const firstRequest = number({
  id: ids.firstRequest,
  title: 'First request',
  description:
    'What the unluckiest twentieth of first requests after a recycle waited for its first byte, in the time shown. Preloading (preloadEnabled, AlwaysRunning) brings it down to what is normal.',
  unit: 's',
  none: 'none seen',
  queries: [
    {
      expr: quantile(0.95, 'le', inRange(ofChecks('farmprobe_first_request_seconds_bucket'))),
      legend: 'p95',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.good, [1, colours.notice], [5, colours.terrible]),
})

const certificates = number({
  id: ids.certificates,
  title: 'Certificate days',
  description: 'Days until the first certificate of any target expires; below 0 one has expired.',
  unit: 'none',
  decimals: 0,
  none: 'no TLS',
  queries: [
    {
      expr: `min((${ofFarms('farmprobe_tls_not_after_timestamp_seconds')} > 0) - time()) / 86400`,
      legend: 'days left',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.terrible, [7, colours.notice], [21, colours.good]),
})

export const farmNow: PanelRow = {
  height: 4,
  widths: [6, 3, 3, 3, 3, 3, 3],
  panels: [verdictNow, ratio502Now, count502, availability, recycles, firstRequest, certificates],
}
