/** An alert, from which the rules of Prometheus and of Grafana are made. */
import type { DashboardName } from '../grafana_names.ts'

/** `critical` pages, `warning` makes a ticket. */
type Severity = 'critical' | 'warning'

/** The panel that shows what the alert is about, and the labels that select what it shows. */
export interface Shown {
  readonly dashboard: DashboardName
  readonly panelId: number
  /** Variables of the dashboard, each with the label of the alert that gives its value. */
  readonly variables: Readonly<Record<string, string>>
}

export interface Alert {
  /** CamelCase, beginning with Farmprobe; its runbook is docs/runbooks/<name>.md. */
  readonly name: string
  readonly severity: Severity
  /** One sentence that is the same for every firing. */
  readonly summary: string
  /** Describes what fires, in the template language that Prometheus and Grafana share; `$value` is the expression's. */
  readonly description: string
  /** PromQL that returns series only where something is wrong, with values of 0 or more. */
  readonly expr: string
  /** A Prometheus duration; absent: it fires at once. */
  readonly for?: string
  readonly keepFiringFor?: string
  readonly shown: Shown
  /** Further annotations, for Prometheus alone: templates that query, which Grafana's cannot. */
  readonly queried?: Readonly<Record<string, string>>
  /** What Grafana does when its query fails: it keeps the state unless this is set. */
  readonly onQueryError?: 'Alerting'
}

export interface Recording {
  readonly record: string
  readonly expr: string
}
