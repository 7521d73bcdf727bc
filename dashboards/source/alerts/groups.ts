/** Which alerts are evaluated together, and how often. */
import type { Alert } from './alert.ts'
import { nodeAlerts } from './node_alerts.ts'
import { proberAlerts } from './prober_alerts.ts'
import { userAlerts } from './user_alerts.ts'

const alerts: readonly Alert[] = [...userAlerts, ...nodeAlerts, ...proberAlerts]

export interface Group {
  readonly name: string
  readonly alerts: readonly Alert[]
  /** In Prometheus; absent: its global evaluation interval. */
  readonly interval?: string
  /** A multiple of 10 s: Grafana evaluates rules every 10 s. */
  readonly grafanaInterval: string
}

const of = (severity: Alert['severity']) => alerts.filter((alert) => alert.severity === severity)

export const groups: readonly Group[] = [
  { name: 'farmprobe pages', alerts: of('critical'), grafanaInterval: '10s' },
  { name: 'farmprobe tickets', alerts: of('warning'), interval: '30s', grafanaInterval: '30s' },
]
