/** Reads dashboards as Grafana does: every panel, every query, with the variables filled in. */
import {
  type AnnotationQuery,
  type Dashboard,
  type Panel,
  type RowPanel,
  type VariableModel,
  VariableType,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import { dashboards } from '../../../dashboards/source/dashboards/dashboard_files.ts'

/** The dashboards as the files have them: nothing but JSON. */
export const allDashboards = JSON.parse(JSON.stringify(Object.values(dashboards))) as readonly Dashboard[]

/** Every panel, those in folded rows too, without the rows. */
export const panelsOf = (dashboard: Dashboard): Panel[] =>
  (dashboard.panels ?? []).flatMap((panel) => (isRow(panel) ? panel.panels : [panel]))

export const rowsOf = (dashboard: Dashboard): RowPanel[] => (dashboard.panels ?? []).filter(isRow)

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row'

export const targetsOf = (panel: Panel): Dataquery[] => (panel.targets ?? []) as Dataquery[]

export const variablesOf = (dashboard: Dashboard): VariableModel[] => dashboard.templating.list ?? []

/** A query, and where it is to be found. */
export interface Asked {
  readonly where: string
  readonly dashboard: Dashboard
  readonly panel?: Panel
  readonly expr: string
  readonly instant: boolean
}

/** Every query of every panel of every dashboard. */
export const panelQueries: readonly Asked[] = allDashboards.flatMap((dashboard) =>
  panelsOf(dashboard).flatMap((panel) =>
    targetsOf(panel).map((target) => ({
      where: `${dashboard.title}: ${panel.title}: ${target.refId}`,
      dashboard,
      panel,
      expr: target.expr,
      instant: target.instant === true,
    })),
  ),
)

export const annotationsOf = (dashboard: Dashboard): AnnotationQuery[] =>
  (dashboard.annotations.list ?? []).filter((annotation) => annotation.builtIn === undefined)

/** Every query of every annotation. */
export const annotationQueries: readonly Asked[] = allDashboards.flatMap((dashboard) =>
  annotationsOf(dashboard).map((annotation) => ({
    where: `${dashboard.title}: annotation ${annotation.name}`,
    dashboard,
    expr: (annotation.target as Dataquery).expr,
    instant: false,
  })),
)

/** What variables stand for. */
export interface Values {
  readonly farm: string
  readonly node: string
  /** Prometheus durations. */
  readonly rateInterval: string
  readonly range: string
}

/**
 * A query as Prometheus gets it: All is `.+`, as the variables have it, where any number of values may be chosen.
 * @throws Error when a variable is left that nothing stands for
 */
export function filledIn(expr: string, dashboard: Dashboard, values: Values): string {
  const known = new Map<string, string>([
    ['__rate_interval', values.rateInterval],
    ['__range', values.range],
    ['farm', values.farm],
    ['node', values.node],
    ...variablesOf(dashboard)
      .filter(({ includeAll }) => includeAll)
      .map(({ name, allValue }) => [name, allValue ?? ''] as const),
  ])
  // $1 is not Grafana's but label_replace's.
  return expr.replaceAll(/\$\{?([a-zA-Z_]\w*)\}?/g, (_, name: string) => {
    const value = known.get(name)
    if (value === undefined) throw new Error(`$${name} stands for nothing in ${expr}`)
    return value
  })
}

interface LabelValues {
  readonly name: string
  readonly where: string
  readonly dashboard: Dashboard
  readonly series: string
  readonly label: string
}

/** Every variable that asks Prometheus: all ask for the values of a label of some series. */
export const variableQueries: readonly LabelValues[] = allDashboards.flatMap((dashboard) =>
  variablesOf(dashboard)
    .filter(({ type }) => type === VariableType.Query)
    .map(({ name, query }) => {
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query as string) ?? []
      return { name, where: `${dashboard.title}: $${name}`, dashboard, series, label }
    }),
)
