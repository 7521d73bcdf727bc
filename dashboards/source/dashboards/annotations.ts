/** Annotations: events drawn across all graphs. */
import type { AnnotationQuery } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { increase, ofFarm, ofFarms, ofItself, ofNode, ofProbers, sumBy } from './dashboard_expressions.ts'
import { prometheus } from './variables.ts'

interface AnnotationSpec {
  readonly name: string
  readonly color: string
  readonly expr: string
  readonly title: string
  readonly text: string
  /** The labels to show as tags. */
  readonly tags: string
  /** The values are the times of the events, in milliseconds; otherwise an event lasts while the value is above 0. */
  readonly valueIsTime?: boolean
}

function annotation(spec: AnnotationSpec): AnnotationQuery {
  return {
    name: spec.name,
    datasource: prometheus,
    enable: true,
    hide: false,
    iconColor: spec.color,
    target: new DataqueryBuilder().refId('Anno').expr(spec.expr).range().build(),
    titleFormat: spec.title,
    textFormat: spec.text,
    tagKeys: spec.tags,
    useValueForTime: spec.valueIsTime === true,
  }
}

/** Grafana's own: alert states and people's notes. */
const noted: AnnotationQuery = {
  name: 'Annotations & Alerts',
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  type: 'dashboard',
  builtIn: 1,
}

/** The metric holds the time itself, to the millisecond, which no window of a rate can give. */
const recycles = (lastRecycle: string) =>
  annotation({
    name: 'Recycles',
    color: 'orange',
    expr: `max by (farm, target) (${lastRecycle} > 0) * 1000`,
    title: 'Recycle',
    text: '{{target}} has a new worker process',
    tags: 'farm,target',
    valueIsTime: true,
  })

const incidents = (open: string) =>
  annotation({
    name: 'Incidents',
    color: 'red',
    expr: `max by (farm, impact) (${open}) > 0`,
    title: 'Incident',
    text: 'On {{farm}}; impact: {{impact}}',
    tags: 'farm,impact',
  })

const deploys = (counter: string) =>
  annotation({
    name: 'Deploys',
    color: 'blue',
    expr: `${sumBy('farm', increase(counter))} > 0`,
    title: 'Deploy',
    text: 'The nodes of {{farm}} recycle in turn',
    tags: 'farm',
  })

const maintenance = (inMaintenance: string) =>
  annotation({
    name: 'Maintenance',
    color: 'purple',
    expr: `max by (farm) (${inMaintenance}) > 0`,
    title: 'Maintenance',
    text: '{{farm}} is in a maintenance window',
    tags: 'farm',
  })

const reloads = annotation({
  name: 'Configuration loaded',
  color: 'blue',
  expr: `max by (instance) (${ofProbers('farmprobe_config_last_reload_success_timestamp_seconds')} > 0) * 1000`,
  title: 'Configuration loaded',
  text: '{{instance}}',
  tags: 'instance',
  valueIsTime: true,
})

const starts = annotation({
  name: 'Starts',
  color: 'orange',
  expr: `max by (instance) (${ofItself('process_start_time_seconds')}) * 1000`,
  title: 'farmprobe started',
  text: '{{instance}}',
  tags: 'instance',
  valueIsTime: true,
})

export const farmAnnotations: readonly AnnotationQuery[] = [
  noted,
  incidents(ofFarms('farmprobe_incident_open')),
  recycles(ofFarms('farmprobe_last_recycle_timestamp_seconds')),
  deploys(ofFarms('farmprobe_deploys_total')),
  maintenance(ofFarms('farmprobe_in_maintenance')),
]

export const nodeAnnotations: readonly AnnotationQuery[] = [
  noted,
  incidents(ofFarm('farmprobe_incident_open')),
  recycles(ofNode('farmprobe_last_recycle_timestamp_seconds')),
  deploys(ofFarm('farmprobe_deploys_total')),
  maintenance(ofFarm('farmprobe_in_maintenance')),
]

export const proberAnnotations: readonly AnnotationQuery[] = [noted, reloads, starts]
