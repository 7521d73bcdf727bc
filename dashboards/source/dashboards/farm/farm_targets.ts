/** The table of the farm dashboard: every target, the worst on top. */
import { panelIds } from '../../grafana_names.ts'
import {
  asked,
  inRange,
  normalFirstByte,
  ofChecks,
  ofFarms,
  quantile,
  ratio,
  sumBy,
  tick,
} from '../dashboard_expressions.ts'
import { linkToNode } from '../dashboard_links.ts'
import { colours, steps, upMapping } from '../panels/colours.ts'
import type { PanelRow } from '../panels/grid.ts'
import { table } from '../panels/table.ts'

const by = 'farm, target'

const filled = (thresholds: ReturnType<typeof steps>) => ({
  'custom.cellOptions': { type: 'color-background', mode: 'basic' },
  color: { mode: 'thresholds' },
  thresholds,
})

const coloured = (thresholds: ReturnType<typeof steps>) => ({
  'custom.cellOptions': { type: 'color-text' },
  color: { mode: 'thresholds' },
  thresholds,
})

const passed = sumBy(by, inRange(ofChecks('farmprobe_probes_total', asked, tick, 'result="ok"')))
const made = sumBy(by, inRange(ofChecks('farmprobe_duration_seconds_count')))
const firstByte = inRange(ofChecks('farmprobe_first_byte_seconds_bucket', asked))
const firstRequest = inRange(ofChecks('farmprobe_first_request_seconds_bucket'))

/** Errors are blamed on nodes; as targets they join the rows. */
const blamed = sumBy(
  by,
  `label_replace(${inRange(ofFarms('farmprobe_balancer_errors_attributed_total', 'node!="unknown"'))}, "target", "$1", "node", "(.+)")`,
)

const targets = table({
  id: panelIds.farm.targets,
  title: 'Targets',
  description:
    'The balancer and every node in the time shown: sort by any column, filter by any value, follow a name to the dashboard of that node. Ticks only, over all checks chosen.',
  unit: 'short',
  none: '–',
  sortBy: 'Failed',
  labels: [
    ['farm', 'Farm', { 'custom.width': 130 }],
    ['target', 'Target', { 'custom.width': 150, links: [linkToNode] }],
  ],
  columns: [
    {
      title: 'Status',
      expr: `min by (${by}) (${ofChecks('farmprobe_up', asked)})`,
      looks: {
        mappings: [upMapping],
        'custom.width': 90,
        ...filled(steps(colours.terrible, [1, colours.good])),
      },
    },
    {
      title: 'Failed',
      expr: ratio(`(${made} - ${passed})`, made),
      looks: {
        unit: 'percentunit',
        decimals: 2,
        ...coloured(steps(colours.good, [0.0001, colours.notice], [0.01, colours.terrible])),
      },
    },
    { title: 'First byte p50', expr: quantile(0.5, `${by}, le`, firstByte), looks: { unit: 's' } },
    { title: 'First byte p99', expr: quantile(0.99, `${by}, le`, firstByte), looks: { unit: 's' } },
    {
      title: 'Normal',
      expr: normalFirstByte(by, inRange, ofChecks),
      looks: { unit: 's' },
    },
    {
      title: 'Recycles',
      expr: sumBy(by, inRange(ofFarms('farmprobe_recycles_total'))),
      looks: { unit: 'short', decimals: 0 },
    },
    {
      title: 'Stalls',
      expr: sumBy(by, inRange(ofFarms('farmprobe_stalls_total'))),
      looks: { unit: 'short', decimals: 0 },
    },
    {
      title: 'Last recycle',
      expr: `max by (${by}) (${ofFarms('farmprobe_last_recycle_timestamp_seconds')} > 0) * 1000`,
      looks: { unit: 'dateTimeFromNow', 'custom.width': 140 },
    },
    {
      title: 'First request p95',
      expr: quantile(0.95, `${by}, le`, firstRequest),
      looks: { unit: 's', ...coloured(steps(colours.good, [1, colours.notice], [5, colours.terrible])) },
    },
    { title: 'Blamed for', expr: blamed, looks: { unit: 'short', decimals: 0 } },
    {
      title: 'Certificate days',
      expr: `min by (${by}) ((${ofFarms('farmprobe_tls_not_after_timestamp_seconds')} > 0) - time()) / 86400`,
      looks: {
        unit: 'none',
        decimals: 0,
        ...coloured(steps(colours.terrible, [7, colours.notice], [21, colours.good])),
      },
    },
  ],
})

export const farmTargets: PanelRow = { height: 10, panels: [targets] }
