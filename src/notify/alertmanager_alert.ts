import type { Incident } from '../model/incident.ts'
import { minuteMs } from '../runtime/duration.ts'
import type { Alert } from './alert_board.ts'

/** How often alerts that fire are sent again, in milliseconds: clients are to do so every 30 s to 3 min. */
export const resendMs = minuteMs

/** A farmprobe that ends leaves nothing firing for longer; Prometheus takes the same four periods. */
const validMs = 4 * resendMs

/** The name under which Alertmanager knows an incident. */
export const alertName = 'FarmprobeIncident'

/** The addresses of an incident's page and of a runbook. */
export interface Links {
  incident(id: string): string
  runbook(name: string): string
}

/**
 * An alert of Alertmanager's API v2, `POST /api/v2/alerts`. Sources: https://prometheus.io/docs/alerting/latest/alerts_api
 * and https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (`postableAlert`).
 */
export function alertmanagerAlert(
  { labels, incident, startsMs, endsMs }: Alert,
  nowMs: number,
  links: Links,
) {
  return {
    labels: { alertname: alertName, farm: incident.farm, ...labels },
    annotations: annotationsOf(incident, links),
    startsAt: new Date(startsMs).toISOString(),
    endsAt: new Date(endsMs ?? nowMs + validMs).toISOString(),
    generatorURL: links.incident(incident.id),
  }
}

const annotationsOf = ({ id, summary, cure, node, cause, runbook, amended }: Incident, links: Links) => ({
  summary,
  description: [summary, `${cure}.`, ...amended].join(' '),
  cure,
  node,
  cause,
  incident: id,
  dashboard_url: links.incident(id),
  runbook_url: links.runbook(runbook),
})
