/** The dashboard model around the panels, common to all dashboards. */
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardCursorSync,
  type Panel,
  type RowPanel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { type DashboardName, dashboardUids } from '../grafana_names.ts'
import { linksToOthers, tag } from './dashboard_links.ts'

interface DashboardSpec {
  readonly name: DashboardName
  readonly title: string
  readonly description: string
  /** The time shown at first, up to now, such as `1h`. */
  readonly last: string
  /** How often it refreshes, such as `10s`. */
  readonly refresh: string
  readonly variables: readonly VariableModel[]
  readonly annotations: readonly AnnotationQuery[]
  readonly panels: readonly (Panel | RowPanel)[]
}

/** The classic model: the only one that Grafana's file provisioning accepts. */
export const dashboardModel = (spec: DashboardSpec): Dashboard => ({
  uid: dashboardUids[spec.name],
  title: spec.title,
  description: spec.description,
  tags: [tag],
  timezone: 'browser',
  editable: true,
  graphTooltip: DashboardCursorSync.Crosshair,
  time: { from: `now-${spec.last}`, to: 'now' },
  timepicker: { refresh_intervals: ['5s', '10s', '30s', '1m', '5m', '15m'] },
  refresh: spec.refresh,
  fiscalYearStartMonth: 0,
  weekStart: '',
  liveNow: false,
  schemaVersion: 42,
  version: 1,
  links: [linksToOthers],
  templating: { list: [...spec.variables] },
  annotations: { list: [...spec.annotations] },
  panels: [...spec.panels],
})
