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

/**
 * A further annotation, from a query made when the alert fires: the culprits, for example. Prometheus names up to three
 * answers, Grafana, whose templates cannot query, the first.
 */
export interface Detail {
  readonly annotation: string
  /** The labels of the alert that the answers must have too. */
  readonly by: readonly string[]
  /** PromQL whose answers have the labels `by` and others; `matchers` select the answers for one firing. */
  readonly query: (matchers: string) => string
  /** The sentence about one answer, a template over `.Labels` and `.Value`. */
  readonly sentence: string
  /** The sentence if there is no answer. */
  readonly otherwise: string
}

export interface Alert {
  /** CamelCase, beginning with Farmprobe; its runbook is docs/runbooks/<name>.md. */
  readonly name: string
  readonly severity: Severity
  /** One sentence that is the same for every firing. */
  readonly summary: string
  /** Describes what fires, in the template language that Prometheus and Grafana share; `$value` is the expression's. */
  readonly description: string
  /**
   * PromQL that returns series only where something is wrong. An alert that is to go on for a while looks back over what
   * is recorded: `keep_firing_for` would let it go on in maintenance and for farms that are no longer there.
   */
  readonly expr: string
  /** A Prometheus duration; absent: it fires at once. */
  readonly for?: string
  readonly shown: Shown
  readonly detail?: Detail
  /** What Grafana does when its query fails: it keeps the state unless this is set. */
  readonly onQueryError?: 'Alerting'
}

export interface Recording {
  readonly record: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}
