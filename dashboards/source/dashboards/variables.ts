/** The variables above a dashboard: the choice in each limits those after it. */
import {
  type VariableModel,
  VariableRefresh,
  VariableSort,
  VariableType,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { asked, ofFarm, ofFarms, ofProbers } from './dashboard_expressions.ts'

/** The data source that the reader chose. */
export const prometheus = { type: 'prometheus', uid: '${datasource}' }

const labelValues = (series: string, label: string) => `label_values(${series}, ${label})`

// As values: the SDK's builders add to every variable what only an interval has.
const dataSource: VariableModel = {
  type: VariableType.Datasource,
  name: 'datasource',
  label: 'Data source',
  description: 'The Prometheus that scrapes farmprobe',
  query: 'prometheus',
  current: { text: 'default', value: 'default' },
}

const query = (name: string, label: string, description: string, expr: string) => ({
  type: VariableType.Query,
  name,
  label,
  description,
  datasource: prometheus,
  query: expr,
  definition: expr,
  refresh: VariableRefresh.OnTimeRangeChanged,
  sort: VariableSort.NaturalAsc,
})

/** Any number of values, all of them at first. */
const several = (...what: Parameters<typeof query>): VariableModel => ({
  ...query(...what),
  multi: true,
  includeAll: true,
  allValue: '.+',
  current: { text: ['All'], value: ['$__all'] },
})

/** Exactly one value, the first one until another is chosen or a link names one. */
const one = (...what: Parameters<typeof query>): VariableModel => ({
  ...query(...what),
  multi: false,
  includeAll: false,
  current: { text: '', value: '' },
})

const probers = [
  dataSource,
  several('job', 'Job', 'Scrape jobs of farmprobe', labelValues('farmprobe_build_info', 'job')),
  several(
    'instance',
    'Instance',
    'The farmprobes themselves, as Prometheus names them',
    labelValues('farmprobe_build_info{job=~"$job"}', 'instance'),
  ),
] as const

export const proberVariables: readonly VariableModel[] = probers

export const farmVariables: readonly VariableModel[] = [
  ...probers,
  several('farm', 'Farm', 'The sites', labelValues(ofProbers('farmprobe_in_maintenance'), 'farm')),
  several('check', 'Check', 'The requests made', labelValues(ofFarms('farmprobe_up', asked), 'check')),
]

export const nodeVariables: readonly VariableModel[] = [
  ...probers,
  one('farm', 'Farm', 'The site', labelValues(ofProbers('farmprobe_in_maintenance'), 'farm')),
  one(
    'node',
    'Node',
    'A node of the farm, or its balancer',
    labelValues(ofFarm('farmprobe_up', asked), 'target'),
  ),
  several(
    'check',
    'Check',
    'The requests made',
    labelValues(ofFarm('farmprobe_up', asked, 'target="$node"'), 'check'),
  ),
]
