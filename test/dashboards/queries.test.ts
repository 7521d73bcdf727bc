/** What the queries of the dashboards may name, and how they may use it; held against the table of metrics. */
import { expect, test } from 'vitest'
import { labelNames, type Row } from '../../src/metrics/metric_row.ts'
import { table } from '../../src/metrics/metric_table.ts'
import {
  annotationQueries,
  panelQueries,
  targetsOf,
  variableQueries,
} from '../support/rules/dashboard_queries.ts'
import { labelsMadeIn, labelsNamedIn, type Selector, selectorsOf } from '../support/rules/promql_selectors.ts'

const rows: ReadonlyMap<string, Row> = new Map(
  (table as readonly Row[]).flatMap((row) => seriesNames(row).map((name) => [name, row] as const)),
)

function seriesNames({ name, type }: Row): string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`]
  return [name]
}

/** Not ours, and known all the same. */
const others: ReadonlyMap<string, 'counter' | 'gauge'> = new Map([
  // Prometheus's own, about each scrape.
  ['up', 'gauge'],
  ['scrape_samples_scraped', 'gauge'],
  ['scrape_duration_seconds', 'gauge'],
  // The client library's.
  ['process_start_time_seconds', 'gauge'],
  ['process_resident_memory_bytes', 'gauge'],
  ['process_open_fds', 'gauge'],
  ['process_cpu_seconds_total', 'counter'],
  ['nodejs_heap_size_used_bytes', 'gauge'],
  ['nodejs_eventloop_lag_p99_seconds', 'gauge'],
])

/** What Prometheus adds to every series. */
const added = ['job', 'instance']

const asked = [
  ...panelQueries,
  ...annotationQueries,
  ...variableQueries.map((query) => ({
    ...query,
    where: `${query.where} ($${query.name})`,
    expr: query.series.includes('{') ? query.series : `${query.series}{}`,
  })),
]

const selectors = asked.flatMap(({ where, expr }) =>
  selectorsOf(expr).map((selector) => ({ where, expr, selector })),
)

const labelsOf = (metric: string): readonly string[] => {
  const row = rows.get(metric)
  const own = row === undefined ? [] : labelNames(row)
  return [...own, ...added, ...(metric.endsWith('_bucket') ? ['le'] : [])]
}

const isCounter = ({ metric }: Selector) => {
  const type = rows.get(metric)?.type ?? others.get(metric)
  return type === 'counter' || type === 'histogram'
}

test('each metric is one that farmprobe has', () => {
  expect(selectors.length).toBeGreaterThan(150)
  const unknown = selectors.filter(({ selector: { metric } }) => !rows.has(metric) && !others.has(metric))
  expect(unknown.map(({ where, selector }) => `${where}: ${selector.metric}`)).toEqual([])
})

test('what nodes through the balancer have too is selected by role, but where all probes count', () => {
  const shared = new Set((table as readonly Row[]).filter(({ through }) => through).flatMap(seriesNames))
  const found = selectors.filter(({ selector: { metric } }) => shared.has(metric))
  expect(found.length).toBeGreaterThan(20)
  const mixed = found.filter(({ selector: { matchers } }) => matchers.every(({ label }) => label !== 'role'))
  // The dashboard Prober is about farmprobe itself.
  expect(mixed.map(({ where }) => where).filter((where) => !where.startsWith('farmprobe / Prober'))).toEqual(
    [],
  )
})

test('a metric that other programs have too is joined to farmprobe’s own', () => {
  const foreign = selectors.filter(({ selector: { metric } }) => others.has(metric))
  expect(foreign.length).toBeGreaterThan(8)
  const join = /^\)?andon\(job,instance\)(last_over_time\()?farmprobe_build_info\{/
  expect(foreign.filter(({ selector: { after } }) => !join.test(after)).map(({ where }) => where)).toEqual([])
})

test('each metric is in braces, so that none escapes these tests', () => {
  const names = [...rows.keys(), ...others.keys()].filter((name) => name !== 'up')
  const bare = asked.filter(({ expr }) => names.some((name) => new RegExp(`\\b${name}\\b(?!\\{)`).test(expr)))
  expect(bare.map(({ where }) => where)).toEqual([])
})

test('each matcher is about a label that the metric has, and a value that the label can have', () => {
  const wrong = selectors.flatMap(({ where, selector: { metric, matchers } }) =>
    matchers
      .filter(({ label, operator, value }) => {
        const values =
          rows.get(metric)?.beyond?.[label] ??
          (label === 'role' ? ['balancer', 'node', 'through'] : undefined)
        const fixed = operator === '=' || operator === '!='
        return (
          !labelsOf(metric).includes(label) ||
          (fixed && values && !value.startsWith('$') && !values.includes(value))
        )
      })
      .map(({ label, value }) => `${where}: ${metric}{${label} ${value}}`),
  )
  expect(wrong).toEqual([])
})

test('each label that is grouped, joined or shown by is one of the metrics’', () => {
  const legends = panelQueries.map(({ panel, expr, where }) => ({
    where,
    expr,
    shown: (panel ? targetsOf(panel) : [])
      .filter((target) => target.expr === expr)
      .flatMap(({ legendFormat = '' }) =>
        [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
      ),
  }))
  const wrong = [...legends, ...annotationQueries.map((query) => ({ ...query, shown: [] }))].flatMap(
    ({ where, expr, shown }) => {
      const known = new Set([
        ...selectorsOf(expr).flatMap(({ metric }) => labelsOf(metric)),
        ...labelsMadeIn(expr),
      ])
      const grouped = new Set(labelsNamedIn(expr))
      const strangers = [...grouped].filter((label) => !known.has(label))
      // After an aggregation only the labels grouped by are left to show.
      return [...strangers, ...shown.filter((label) => !grouped.has(label))].map(
        (label) => `${where}: ${label}`,
      )
    },
  )
  expect(wrong).toEqual([])
})

test('target-counter-agg: counters are looked at as rates and increases, or for whether they are there', () => {
  const counters = selectors.filter(({ selector }) => isCounter(selector))
  expect(counters.length).toBeGreaterThan(80)
  const raw = counters.filter(({ selector: { before, window, after } }) =>
    window === undefined
      ? !before.endsWith('unless') && !after.startsWith('unless')
      : !/\b(rate|increase)\($/.test(before),
  )
  expect(raw.map(({ where, selector }) => `${where}: ${selector.metric}`)).toEqual([])
})

test('windows fit scrapes of 5 s to 60 s: the one Grafana works out, or the whole time shown', () => {
  const windows = selectors.filter(({ selector: { window } }) => window !== undefined)
  const fixed = windows.filter(
    ({ selector }) => !['$__rate_interval', '$__range'].includes(selector.window ?? ''),
  )
  expect(fixed.map(({ where }) => where)).toEqual([])
})

test('the whole time shown is looked at from its end only: a look back from each point would be another time', () => {
  const drifting = panelQueries.filter(
    ({ expr, instant }) =>
      !instant &&
      selectorsOf(expr).some(({ window, after }) => window === '$__range' && !after.startsWith('@end()')),
  )
  expect(drifting.map(({ where }) => where)).toEqual([])
})

test('ratios and counts of probes and answers are made of ticks', () => {
  const exceptions = [
    // It shows the lanes side by side.
    'farmprobe / Prober: Probes by lane: A',
    // Samples of every lane can be suspect, so it is a share of all lanes.
    'farmprobe / Prober: Suspect samples: A',
  ]
  const untold = selectors.filter(
    ({ where, selector: { metric, matchers } }) =>
      ['farmprobe_probes_total', 'farmprobe_responses_total'].includes(metric) &&
      !exceptions.includes(where) &&
      !matchers.some(({ label, value }) => label === 'lane' && value === 'tick'),
  )
  expect(untold.map(({ where }) => where)).toEqual([])
})

test('a gauge that is 0 until it is known is looked at only where it is more', () => {
  const late =
    /^farmprobe_(baseline_first_byte_seconds|last_recycle_timestamp_seconds|tls_not_after_timestamp_seconds)$/
  const gauges = selectors.filter(({ selector: { metric } }) => late.test(metric))
  expect(gauges.length).toBeGreaterThan(10)
  expect(
    gauges.filter(({ selector: { after } }) => !after.startsWith('>0')).map(({ where }) => where),
  ).toEqual([])
})

test('lines of single targets are few, however many there are', () => {
  const many = panelQueries.filter(
    ({ panel, expr, dashboard }) =>
      dashboard.uid === 'farmprobe-farm' &&
      panel?.type !== 'table' &&
      /^\w+ by \(farm, target\)/.test(expr) &&
      !/(top|bottom)k\(10, /.test(expr),
  )
  expect(many.map(({ where }) => where)).toEqual([])
})
