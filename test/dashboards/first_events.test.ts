/** Graphs of counters whose series begin with their first event show that one, too. */
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { filledIn, panelQueries } from '../support/rules/dashboard_queries.ts'
import { promtool } from '../support/rules/promtool.ts'
import { tempDir } from '../support/temp_dir.ts'

const values = { farm: 'shop', node: 'web01', rateInterval: '1m', range: '1h' }

const of = (instance: string) => `job="farmprobe",instance="${instance}"`
const node = 'farm="shop",target="web01"'

/** Scrapes every 15 s: `a` is scraped from the start, and `b` from 5m on, when it has counted for long. */
const cases = [
  [
    'Failures by reason',
    `farmprobe_probes_total{IT,${node},role="node",check="home",lane="tick",result="refused"}`,
    '{result="refused"}',
  ],
  [
    'Its own 502, 503 and 504 by who made them',
    `farmprobe_gateway_errors_total{IT,${node},role="node",check="home",code="503",origin="arr"}`,
    '{code="503", origin="arr"}',
  ],
  ['Length of outages', `farmprobe_outage_seconds_bucket{IT,${node},role="node",le="1.0"}`, '{le="1.0"}'],
  ['Length of stalls', `farmprobe_stall_seconds_bucket{IT,${node},le="1.0"}`, '{le="1.0"}'],
] as const

suiteWith('promtool')('Prometheus', () => {
  test.for(cases)('%s', async ([title, series, labels]) => {
    const query = panelQueries.find(
      ({ panel, dashboard }) => dashboard.uid === 'farmprobe-node' && panel?.title === title,
    )
    if (query === undefined) throw new Error(`there is no ${title}`)
    const expr = filledIn(query.expr, query.dashboard, values)
    const input = [
      { series: `farmprobe_build_info{${of('a')}}`, values: '1x40' },
      { series: series.replace('IT', of('a')), values: '_x19 3x20' },
      { series: `farmprobe_build_info{${of('b')}}`, values: '_x19 1x20' },
      { series: series.replace('IT', of('b')), values: '_x19 300x20' },
    ]
    const seen = [{ labels, value: 3 }]
    const none = title.startsWith('Length') ? [{ labels, value: 0 }] : []
    await using dir = await tempDir()
    const promql_expr_test = [
      { expr, eval_time: '5m30s', exp_samples: seen },
      { expr, eval_time: '7m', exp_samples: none },
    ]
    const tests = [{ interval: '15s', input_series: input, promql_expr_test }]
    const file = await dir.write('tests.yaml', stringify({ tests }))
    expect(promtool(['test', 'rules', file])).toContain('SUCCESS')
  })
})
