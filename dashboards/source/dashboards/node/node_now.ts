/** The top of the node dashboard: the state now, and totals of the time range. */
import { panelIds } from '../../grafana_names.ts'
import {
  asked,
  inRange,
  normalFirstByte,
  ofFarm,
  ofNode,
  ofNodeChecks,
  rate,
  ratio,
  tick,
} from '../dashboard_expressions.ts'
import { colours, steps, upMapping } from '../panels/colours.ts'
import type { PanelRow } from '../panels/grid.ts'
import { number, tiles } from '../panels/stat.ts'

const ids = panelIds.node

const passed = ofNodeChecks('farmprobe_probes_total', asked, tick, 'result="ok"')
const made = ofNodeChecks('farmprobe_duration_seconds_count')

const status = tiles({
  id: ids.status,
  title: 'Status',
  description: 'Whether the last probe met all expectations, of each check.',
  unit: 'none',
  none: 'no such node',
  queries: [
    { expr: `min by (check) (${ofNodeChecks('farmprobe_up', asked)})`, legend: '{{check}}', as: 'instant' },
  ],
  mappings: [upMapping],
  thresholds: steps(colours.terrible, [1, colours.good]),
})

const availability = number({
  id: ids.availability,
  title: 'Availability',
  description: 'The share of probes that met all expectations in the time shown.',
  unit: 'percentunit',
  decimals: 2,
  queries: [
    {
      expr: ratio(`sum(${inRange(passed)})`, `sum(${inRange(made)})`),
      legend: 'available',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.terrible, [0.99, colours.notice], [0.999, colours.good]),
})

const meanFirstByte = ratio(
  `sum(${rate(ofNodeChecks('farmprobe_first_byte_seconds_sum', asked))})`,
  `sum(${rate(ofNodeChecks('farmprobe_first_byte_seconds_count', asked))})`,
)
const normal = normalFirstByte('farm', rate, ofNodeChecks)

const slowness = number({
  id: ids.slowness,
  title: 'Times normal',
  description:
    'The mean time to first byte, as a multiple of what is normal when the node is warm. 1 is as ever.',
  unit: 'none',
  decimals: 1,
  min: 0,
  none: 'normal not known yet',
  queries: [{ expr: `${meanFirstByte}\n  / on () (${normal})`, legend: 'times normal' }],
  thresholds: steps(colours.good, [2, colours.notice], [5, colours.terrible]),
})

const lastRecycle = number({
  id: ids.lastRecycle,
  title: 'Last recycle',
  description: 'When a new worker process was last seen.',
  unit: 'dateTimeFromNow',
  none: 'none seen',
  queries: [
    {
      expr: `max(${ofNode('farmprobe_last_recycle_timestamp_seconds')} > 0) * 1000`,
      legend: 'last recycle',
      as: 'instant',
    },
  ],
})

const recycles = number({
  id: ids.recycles,
  title: 'Recycles',
  description: 'New worker processes in the time shown.',
  unit: 'short',
  decimals: 0,
  queries: [
    { expr: `sum(${inRange(ofNode('farmprobe_recycles_total'))})`, legend: 'recycles', as: 'instant' },
  ],
})

const outages = number({
  id: ids.outages,
  title: 'Outages',
  description: 'Unbroken runs of failures that began in the time shown.',
  unit: 'short',
  decimals: 0,
  queries: [
    { expr: `sum(${inRange(ofNodeChecks('farmprobe_outages_total'))})`, legend: 'outages', as: 'instant' },
  ],
  thresholds: steps(colours.good, [0.5, colours.notice]),
})

const blamed = number({
  id: ids.blamed,
  title: 'Blamed for',
  description: 'Errors of the balancer in the time shown that are blamed on this node.',
  unit: 'short',
  decimals: 0,
  none: 'not known to be behind the balancer',
  queries: [
    {
      expr: `sum(${inRange(ofFarm('farmprobe_balancer_errors_attributed_total', 'node="$node"'))})`,
      legend: 'errors',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.good, [0.5, colours.terrible]),
})

const certificate = number({
  id: ids.certificate,
  title: 'Certificate days',
  description: 'Days until the first certificate it presented expires; below 0 it has.',
  unit: 'none',
  decimals: 0,
  none: 'no TLS',
  queries: [
    {
      expr: `min((${ofNode('farmprobe_tls_not_after_timestamp_seconds')} > 0) - time()) / 86400`,
      legend: 'days left',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.terrible, [7, colours.notice], [21, colours.good]),
})

export const nodeNow: PanelRow = {
  height: 4,
  panels: [status, availability, slowness, lastRecycle, recycles, outages, blamed, certificate],
}
