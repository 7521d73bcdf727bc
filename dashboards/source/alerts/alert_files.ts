import { grafanaRules } from './grafana_rules.ts'
import { localPrometheus, stackPrometheus } from './prometheus_config.ts'
import { alertRules, prometheusRule, recordingRules } from './prometheus_rules.ts'

/** The text of each file for Prometheus and for Grafana's alerting, by its path from the root of the repository. */
export function ruleFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['dashboards/prometheus/rules.yaml', recordingRules()],
    ['dashboards/prometheus/alerts.yaml', alertRules()],
    ['dashboards/prometheus/prometheusrule.yaml', prometheusRule()],
    ['dashboards/prometheus/prometheus.yaml', localPrometheus()],
    ['dashboards/prometheus/prometheus.compose.yaml', stackPrometheus()],
    ['dashboards/grafana/provisioning/alerting/farmprobe.yaml', grafanaRules()],
  ])
}
