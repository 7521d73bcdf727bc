/** The incidents of the farms: what goes on now, what there was in the time shown, and how the days compare. */
import { panelIds } from '../../grafana_names.ts'
import { firstAndLater, inRange, ofFarms, sumBy } from '../dashboard_expressions.ts'
import { linkToFarm } from '../dashboard_links.ts'
import { colours, impactMapping, steps } from '../panels/colours.ts'
import type { Section } from '../panels/grid.ts'
import { number, tiles } from '../panels/stat.ts'
import { table } from '../panels/table.ts'
import { bars } from '../panels/time_series.ts'

const ids = panelIds.farm

const ofImpact = (impact: string) => ofFarms('farmprobe_incident_open', `impact="${impact}"`)
const incidents = ofFarms('farmprobe_incidents_total')

const open = tiles({
  id: ids.incidentsOpen,
  title: 'Open now',
  description:
    'The farms with an incident that goes on; the 12 worst. An incident is over a minute after its last sign.',
  unit: 'none',
  none: 'none',
  queries: [
    {
      expr: `topk(12, max by (farm) (${ofImpact('hidden')} or 2 * ${ofImpact('users')}) > 0)`,
      legend: '{{farm}}',
      as: 'instant',
    },
  ],
  mappings: [impactMapping],
  thresholds: steps(colours.notice, [2, colours.terrible]),
  ofQuery: { 0: { links: [linkToFarm] } },
})

const lost = number({
  id: ids.incidentTime,
  title: 'Time lost',
  description:
    'How long the incidents that users felt took, from first to last sign; of those that ended in the time shown.',
  unit: 's',
  decimals: 1,
  queries: [
    {
      expr: `sum(${inRange(ofFarms('farmprobe_incident_seconds_sum', 'impact="users"'))})`,
      legend: 'lost',
      as: 'instant',
    },
  ],
  thresholds: steps(colours.good, [1, colours.notice], [60, colours.terrible]),
})

const list = table({
  id: ids.incidentList,
  title: 'Incidents',
  description:
    'Incidents that ended in the time shown, by culprit and cause. Hidden: nodes failed, and no probe of the balancer did. When each was is shown across the graphs; its story is on farmprobe’s own page.',
  unit: 'short',
  none: 'no incident',
  sortBy: 'Incidents',
  labels: [
    ['farm', 'Farm', {}],
    ['node', 'Culprit', {}],
    ['cause', 'Cause', {}],
    ['impact', 'Impact', { 'custom.width': 90 }],
  ],
  columns: [
    {
      title: 'Incidents',
      expr: `${sumBy('farm, node, cause, impact', firstAndLater(incidents, '$__range'))} > 0`,
      looks: { unit: 'short', decimals: 0, 'custom.width': 100 },
    },
  ],
})

const perDay = bars({
  id: ids.incidentsPerDay,
  title: 'Incidents per day by cause',
  description:
    'Incidents that ended on each of the last 14 days, today included, whatever time is shown above; hidden ones too.',
  unit: 'short',
  none: 'no incident',
  last: '14d',
  step: '1d',
  queries: [
    {
      // A bar stands at the beginning of its day, so that it counts what comes after it.
      expr: `${sumBy('cause', firstAndLater(incidents, '$__rate_interval', 'ahead'))} > 0`,
      legend: '{{cause}}',
    },
  ],
})

export const farmIncidents: Section = {
  id: ids.incidentsRow,
  title: 'Incidents',
  lines: [{ height: 8, widths: [4, 3, 9, 8], panels: [open, lost, list, perDay] }],
}
