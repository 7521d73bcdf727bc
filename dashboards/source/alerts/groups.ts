/** Which alerts are evaluated together, and how often. */
import type { Alert } from './alert.ts'
import { nodeAlerts } from './node_alerts.ts'
import { proberAlerts } from './prober_alerts.ts'
import { userAlerts } from './user_alerts.ts'

export interface Group {
  readonly name: string
  readonly alerts: readonly Alert[]
  readonly interval: string
  /** A multiple of 10 s: Grafana evaluates rules every 10 s. */
  readonly grafanaInterval: string
}

export const groups: readonly Group[] = [
  { name: 'farmprobe users', alerts: userAlerts, interval: '5s', grafanaInterval: '10s' },
  { name: 'farmprobe nodes', alerts: nodeAlerts, interval: '30s', grafanaInterval: '30s' },
  { name: 'farmprobe itself', alerts: proberAlerts, interval: '30s', grafanaInterval: '30s' },
]
