/** The files are what Grafana reads: nothing that it does not know, nothing that it would trip over. */
import type { GridPos, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { dashboardFiles } from '../../dashboards/source/dashboards/dashboard_files.ts'
import { dashboardUids, panelIds } from '../../dashboards/source/grafana_names.ts'
import { verdicts } from '../../src/model/event.ts'
import {
  allDashboards,
  panelsOf,
  rowsOf,
  targetsOf,
  variablesOf,
} from '../support/rules/dashboard_queries.ts'
import { dashboardSchema, dataSourcesSchema, providersSchema } from '../support/rules/dashboard_schema.ts'

const ajv = new Ajv({
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  discriminator: true,
})

function complaints(schema: object, value: unknown): string[] {
  const validate = ajv.compile(schema)
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        (error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
      )
}

const fileOf = (end: string) => [...dashboardFiles()].find(([path]) => path.endsWith(end))?.[1] ?? ''

test('the file that names the dashboards’ folder has no key but Grafana’s', () => {
  expect(complaints(providersSchema, parse(fileOf('provisioning/dashboards/farmprobe.yaml')))).toEqual([])
})

test('the file with the data source has no key but Grafana’s', () => {
  expect(complaints(dataSourcesSchema, parse(fileOf('provisioning/datasources/prometheus.yaml')))).toEqual([])
})

test('no two dashboards have one uid', () => {
  expect(new Set(allDashboards.map(({ uid }) => uid))).toEqual(new Set(Object.values(dashboardUids)))
})

describe.for(allDashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  '%s',
  ([, dashboard]) => {
    const all = [...rowsOf(dashboard), ...panelsOf(dashboard)]

    test('has no key and no value but those of the classic model', () => {
      expect(complaints(dashboardSchema, dashboard)).toEqual([])
    })

    test.for([
      'title',
      'panels/0/datasourc',
      'panels/0/targets/0/exp',
      'templating/list/0/multy',
      'annotations/list/0/exp',
    ])('would be refused with a misspelled key beside %s', (path) => {
      const copy = structuredClone(dashboard) as unknown
      const steps = path.split('/')
      const last = `${steps.pop()}x`
      const at = steps.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], copy)
      Object.assign(at as object, { [last]: true })
      expect(complaints(dashboardSchema, copy)).not.toEqual([])
    })

    test('has the panels that links and alert rules point to, by number', () => {
      const name = (Object.keys(dashboardUids) as (keyof typeof dashboardUids)[]).find(
        (each) => dashboardUids[each] === dashboard.uid,
      )
      expect(new Set(all.map(({ id }) => id))).toEqual(new Set(Object.values(panelIds[name ?? 'farm'])))
      expect(all.length).toBe(Object.values(panelIds[name ?? 'farm']).length)
    })

    test('has its panels side by side, none upon another, none beyond the edge', () => {
      const open = [...all]
      const overlaps = open.flatMap((one, index) =>
        open.slice(index + 1).filter((other) => overlap(placeOf(one), placeOf(other))),
      )
      expect(overlaps.map(({ title }) => title)).toEqual([])
      expect(open.filter(({ gridPos }) => (gridPos?.x ?? 0) + (gridPos?.w ?? 0) > 24)).toEqual([])
    })

    test('has lines of panels that fill the width', () => {
      const widths = new Map<number, number>()
      for (const panel of all) {
        const { y, w } = placeOf(panel)
        widths.set(y, (widths.get(y) ?? 0) + w)
      }
      expect([...new Set(widths.values())]).toEqual([24])
    })

    test('has queries named A, B, C … in each panel', () => {
      const named = panelsOf(dashboard).map((panel) =>
        targetsOf(panel)
          .map(({ refId }) => refId)
          .join(''),
      )
      expect(named.filter((names) => !'ABCDEFGHIJK'.startsWith(names))).toEqual([])
    })

    test('has overrides only for queries and columns that exist', () => {
      const overrides = panelsOf(dashboard).flatMap((panel) =>
        (panel.fieldConfig?.overrides ?? []).map(({ matcher }) => ({ panel, matcher })),
      )
      expect(
        overrides.filter(({ panel, matcher }) => !namesOf(panel, matcher.id).includes(matcher.options)),
      ).toEqual([])
    })

    test('has links only to dashboards that exist, with variables that exist', () => {
      const urls = [...JSON.stringify(dashboard).matchAll(/"url":"([^"]*)"/g)].map(([, url = '']) => url)
      const astray = urls.filter((url) => {
        const [, uid] = /^\/d\/([\w-]+)\?/.exec(url) ?? []
        const there = allDashboards.find((other) => other.uid === uid)
        const known = there === undefined ? [] : variablesOf(there).map(({ name }) => name)
        const given = [...url.matchAll(/(?:var-(\w+)=|\$\{(\w+):queryparam\})/g)].map(
          ([, a, b]) => a ?? b ?? '',
        )
        return given.length === 0 || given.some((name) => !known.includes(name))
      })
      expect(astray).toEqual([])
      expect(urls.length > 0).toBe(dashboard.uid === dashboardUids.farm)
    })

    test('can be edited: Grafana saves what a file provides as a copy only', () => {
      expect(dashboard.editable).toBe(true)
      expect(parse(fileOf('provisioning/dashboards/farmprobe.yaml'))).toMatchObject({
        providers: [{ allowUiUpdates: false }],
      })
    })

    test('has titles above all panels but those of the first screen', () => {
      expect(rowsOf(dashboard)[0]?.gridPos?.y).toBe(dashboard.uid === dashboardUids.farm ? 33 : 4)
    })

    test('leads to the others, with what is chosen and the time that is shown', () => {
      expect(dashboard.links).toEqual([
        expect.objectContaining({
          type: 'dashboards',
          tags: dashboard.tags,
          includeVars: true,
          keepTime: true,
        }),
      ])
    })
  },
)

test('the farm dashboard fits a screen down to its table', () => {
  const [farm] = allDashboards
  const table = farm && panelsOf(farm).find(({ type }) => type === 'table')
  // 38 pixels each: 900 of a screen of 1080 are Grafana's to give.
  expect(table?.gridPos?.y).toBeLessThanOrEqual(24)
})

test('the table of targets has a column for each query, and joins rows by what all queries have', () => {
  const [farm] = allDashboards
  const table = farm && panelsOf(farm).find(({ type }) => type === 'table')
  expect(table?.transformations?.map(({ id }) => id)).toEqual(['merge', 'organize'])
  const { renameByName, indexByName } = table?.transformations?.[1]?.options ?? {}
  const targets = table === undefined ? [] : targetsOf(table)
  expect(Object.keys(renameByName)).toEqual([
    'farm',
    'target',
    ...targets.map(({ refId }) => `Value #${refId}`),
  ])
  expect(Object.keys(indexByName)).toEqual(Object.keys(renameByName))
  for (const { expr, format, instant } of targets) {
    expect({ format, instant }).toEqual({ format: 'table', instant: true })
    expect(expr).toMatch(/\b(sum|min|max) by \(farm, target(, le)?\)/)
  }
})

test('the list of incidents asks one thing, of which Grafana calls the values Value', () => {
  const [, list] = allDashboards.flatMap(panelsOf).filter(({ type }) => type === 'table')
  expect(list?.transformations?.[1]?.options.renameByName).toEqual({
    farm: 'Farm',
    node: 'Culprit',
    cause: 'Cause',
    impact: 'Impact',
    Value: 'Incidents',
  })
})

test.for(['verdict now', 'verdict over time'])('%s has a name and a colour for each verdict', (title) => {
  const [farm] = allDashboards
  const panel = farm && panelsOf(farm).find((each) => each.title?.toLowerCase() === title)
  const [mapping] = panel?.fieldConfig?.defaults.mappings ?? []
  expect(mapping?.options).toEqual({
    0: { text: 'ok', color: 'green', index: 0 },
    1: { text: 'unknown', color: 'blue', index: 1 },
    2: { text: 'masked', color: 'yellow', index: 2 },
    3: { text: 'node fault', color: 'orange', index: 3 },
    4: { text: 'balancer fault', color: 'purple', index: 4 },
    5: { text: 'farm down', color: 'dark-red', index: 5 },
  })
  const expr = panel && targetsOf(panel)[0]?.expr
  const worth = [...(expr ?? '').matchAll(/(\d) \* [^=]*?.*?verdict="(\w+)"/g)].map(([, n, verdict]) => [
    n,
    verdict,
  ])
  expect(Object.fromEntries(worth)).toEqual({
    0: 'ok',
    1: 'unknown',
    2: 'masked',
    3: 'node_fault',
    4: 'balancer_fault',
    5: 'farm_down',
  })
})

/** What the overrides of a panel may be for: its queries, or the columns and series that it names itself. */
function namesOf(panel: Panel, matcher: string): unknown[] {
  if (matcher === 'byFrameRefID') return targetsOf(panel).map(({ refId }) => refId)
  const renamed = panel.transformations?.find(({ id }) => id === 'organize')?.options.renameByName
  return renamed === undefined ? [...verdicts] : Object.values(renamed)
}

const placeOf = (panel: Panel | RowPanel): GridPos => panel.gridPos ?? { x: 0, y: 0, w: 0, h: 0 }

const overlap = (a: GridPos, b: GridPos) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
