/** The rules of grafana/dashboard-linter that apply to dashboards on Prometheus, by the linter's names. */
import { VariableRefresh, VariableType } from '@grafana/grafana-foundation-sdk/dashboard'
import * as units from '@grafana/grafana-foundation-sdk/units'
import { describe, expect, test } from 'vitest'
import {
  allDashboards,
  annotationsOf,
  panelQueries,
  panelsOf,
  targetsOf,
  variablesOf,
} from '../support/rules/dashboard_queries.ts'
import { selectorsOf } from '../support/rules/promql_selectors.ts'

const chosen = { type: 'prometheus', uid: '${datasource}' }

describe.for(allDashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s',
  ([, dashboard]) => {
    const variable = (name: string) => variablesOf(dashboard).find((each) => each.name === name)
    const panels = panelsOf(dashboard)
    const named = (offenders: typeof panels) => offenders.map(({ title, id }) => title ?? id)
    const queries = panelQueries.filter((query) => query.dashboard === dashboard)

    test('template-datasource: the data source is a variable', () => {
      expect(variable('datasource')).toMatchObject({
        type: 'datasource',
        query: 'prometheus',
        label: 'Data source',
      })
    })

    test.for(['job', 'instance'])('template-%s: is chosen among all that there are', (name) => {
      expect(variable(name)).toMatchObject({
        type: 'query',
        label: name[0]?.toUpperCase() + name.slice(1),
        datasource: chosen,
        multi: true,
        includeAll: true,
        allValue: '.+',
      })
    })

    test('template-label-promql: variables ask for the values of a label', () => {
      const asking = variablesOf(dashboard).filter(({ type }) => type === VariableType.Query)
      expect(asking.length).toBeGreaterThan(1)
      expect(
        asking.filter(({ query }) => !/^label_values\(\w+(\{.*\})?, \w+\)$/.test(query as string)),
      ).toEqual([])
    })

    test('template-on-time-change-reload: variables follow the time shown', () => {
      const others = variablesOf(dashboard).filter(
        ({ type, refresh }) => type === VariableType.Query && refresh !== VariableRefresh.OnTimeRangeChanged,
      )
      expect(others.map(({ name }) => name)).toEqual([])
    })

    test('panel-datasource: panels, queries and annotations use the data source chosen', () => {
      const users = [...panels, ...panels.flatMap(targetsOf), ...annotationsOf(dashboard)]
      const others = users.filter(({ datasource }) => JSON.stringify(datasource) !== JSON.stringify(chosen))
      expect(others).toEqual([])
    })

    test('panel-title-description: every panel says what it shows', () => {
      expect(named(panels.filter(({ title, description }) => !title || !description?.endsWith('.')))).toEqual(
        [],
      )
    })

    test('panel-units: every panel has a unit that Grafana knows', () => {
      const known = new Set<unknown>(Object.values(units))
      expect(known.has('reqps')).toBe(true)
      expect(named(panels.filter(({ fieldConfig }) => !known.has(fieldConfig?.defaults.unit)))).toEqual([])
      const overridden = panels.flatMap(({ fieldConfig }) =>
        (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
          properties.filter(({ id, value }) => id === 'unit' && !known.has(value)),
        ),
      )
      expect(overridden).toEqual([])
    })

    test('panel-no-targets: every panel asks something', () => {
      expect(named(panels.filter((panel) => targetsOf(panel).length === 0))).toEqual([])
    })

    test('target-job, target-instance: every metric is that of the farmprobes chosen', () => {
      const asked = [...queries.map(({ expr }) => expr), ...annotationsOf(dashboard).map(exprOf)]
      const loose = asked.filter((expr) =>
        selectorsOf(expr).some(
          ({ matchers }) =>
            !matchers.some(({ label, operator, value }) => label + operator + value === 'job=~$job') ||
            !matchers.some(
              ({ label, operator, value }) => label + operator + value === 'instance=~$instance',
            ),
        ),
      )
      expect(loose).toEqual([])
    })

    test('target-rate-interval: rates look back over $__rate_interval', () => {
      const others = queries.filter(({ expr }) =>
        selectorsOf(expr).some(
          ({ before, window }) => /\bi?rate\($/.test(before) && window !== '$__rate_interval',
        ),
      )
      expect(others.map(({ where }) => where)).toEqual([])
    })
  },
)

const exprOf = ({ target }: { readonly target?: unknown }) => (target as { readonly expr: string }).expr
