/** The rules as Prometheus reads them. */
import type { Alert } from './alert.ts'
import { queriedByPrometheus } from './alert_details.ts'
import { dashboardUrl, runbookUrl } from './alert_links.ts'
import { type Group, groups } from './groups.ts'
import { recordingGroups } from './recordings.ts'
import { yamlFile } from './yaml_file.ts'

/** The usual release name of kube-prometheus-stack, which loads the rules that carry this name. */
const operatorRelease = 'kube-prometheus-stack'

/** `groups` of recording rules. */
export const recordingRules = (): string =>
  yamlFile('Recording rules: the alerts need them, in Prometheus and in Grafana.', {
    groups: recordingGroups,
  })

/** `groups` of alert rules. */
export const alertRules = (): string =>
  yamlFile('Alerts; docs/runbooks/ has a page for each. rules.yaml is to be loaded with them.', {
    groups: groups.map(groupOf),
  })

/** Both as one Kubernetes object, which the Prometheus operator passes to Prometheus. */
export const prometheusRule = (): string =>
  yamlFile(
    'rules.yaml and alerts.yaml for the Prometheus operator: kubectl apply -n monitoring -k dashboards',
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: {
        name: 'farmprobe',
        labels: { 'app.kubernetes.io/name': 'farmprobe', release: operatorRelease },
      },
      spec: { groups: [...recordingGroups, ...groups.map(groupOf)] },
    },
  )

const groupOf = ({ name, interval, alerts }: Group) => ({
  name,
  interval,
  rules: alerts.map(ruleOf),
})

const ruleOf = (alert: Alert) => ({
  alert: alert.name,
  expr: alert.expr,
  ...(alert.for === undefined ? {} : { for: alert.for }),
  labels: { severity: alert.severity },
  annotations: {
    summary: alert.summary,
    description: alert.description,
    ...(alert.detail === undefined ? {} : { [alert.detail.annotation]: queriedByPrometheus(alert.detail) }),
    runbook_url: runbookUrl(alert),
    dashboard_url: dashboardUrl(alert),
  },
})
