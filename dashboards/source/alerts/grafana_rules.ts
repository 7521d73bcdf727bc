/**
 * The same alerts for Grafana to evaluate, as its file provisioning reads them: that shape differs from the HTTP API's,
 * and unknown keys are dropped silently.
 */
import { dashboardUids, dataSource, folder } from '../grafana_names.ts'
import type { Alert } from './alert.ts'
import { namedByGrafana, queriedByGrafana } from './alert_details.ts'
import { dashboardUrl, runbookUrl } from './alert_links.ts'
import { type Group, groups } from './groups.ts'
import { yamlFile } from './yaml_file.ts'

export const grafanaRules = (): string =>
  yamlFile(
    "Alerts evaluated by Grafana itself, instead of Prometheus's; Prometheus still needs rules.yaml.",
    {
      apiVersion: 1,
      groups: groups.map(groupOf),
    },
  )

const groupOf = ({ name, grafanaInterval, alerts }: Group) => ({
  orgId: 1,
  name,
  folder: folder.title,
  interval: grafanaInterval,
  rules: alerts.map(ruleOf),
})

const ruleOf = (alert: Alert) => ({
  uid: alert.name.replaceAll(/(?<=.)[A-Z]/g, '-$&').toLowerCase(),
  title: alert.name,
  condition: 'B',
  data: [
    query('A', alert.expr),
    anyAnswer,
    ...(alert.detail === undefined ? [] : [query('C', queriedByGrafana(alert.detail))]),
  ],
  dashboardUid: dashboardUids[alert.shown.dashboard],
  panelId: alert.shown.panelId,
  // No series means that nothing is wrong; FarmprobeMissing fires when there could be none.
  noDataState: 'OK',
  execErrState: alert.onQueryError ?? 'KeepLast',
  for: alert.for ?? '0s',
  // The expression has no series when nothing is wrong: the alert then ends at once, as in Prometheus, not two evaluations later.
  missing_series_evals_to_resolve: 1,
  labels: { severity: alert.severity },
  annotations: {
    summary: alert.summary,
    description: alert.description.replaceAll('$value', '$values.A.Value'),
    ...(alert.detail === undefined ? {} : { [alert.detail.annotation]: namedByGrafana(alert.detail) }),
    runbook_url: runbookUrl(alert),
    dashboard_url: dashboardUrl(alert),
  },
  isPaused: false,
})

const query = (refId: 'A' | 'C', expr: string) => ({
  refId,
  relativeTimeRange: { from: 600, to: 0 },
  datasourceUid: dataSource.uid,
  model: { refId, expr, instant: true, range: false, intervalMs: 1000, maxDataPoints: 43_200 },
})

/** The expression returns series only where something is wrong: any value does, also those below 0 of expired certificates. */
const anyAnswer = {
  refId: 'B',
  relativeTimeRange: { from: 0, to: 0 },
  datasourceUid: '__expr__',
  model: {
    refId: 'B',
    type: 'threshold',
    expression: 'A',
    conditions: [{ evaluator: { type: 'gt', params: [-1e12] } }],
  },
}
