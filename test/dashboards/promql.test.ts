import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { suiteWith } from '../support/processes/real_binaries.ts'
import {
  annotationQueries,
  filledIn,
  panelQueries,
  variableQueries,
} from '../support/rules/dashboard_queries.ts'
import { promtool } from '../support/rules/promtool.ts'
import { tempDir } from '../support/temp_dir.ts'

const values = { farm: 'intranet', node: 'web01', rateInterval: '1m', range: '1h' }

const queries = [
  ...[...panelQueries, ...annotationQueries].map(({ where, dashboard, expr }) => ({
    where,
    expr: filledIn(expr, dashboard, values),
  })),
  ...variableQueries.map(({ where, dashboard, series }) => ({
    where,
    expr: filledIn(series, dashboard, values),
  })),
]

/** As recording rules, each with the place of its query: promtool names the rule that it objects to. */
async function check(rules: typeof queries): Promise<string> {
  await using dir = await tempDir()
  const named = rules.map(({ where, expr }, index) => ({
    record: `query_${index}_${where.replaceAll(/\W+/g, '_')}`,
    expr,
  }))
  const file = await dir.write('queries.yaml', stringify({ groups: [{ name: 'dashboards', rules: named }] }))
  return promtool(['check', 'rules', '--lint=none', file])
}

suiteWith('promtool')('promtool', () => {
  test('reads every query of every panel, annotation and variable', async () => {
    expect(await check(queries)).toContain(`SUCCESS: ${queries.length} rules found`)
  })

  test('would object to a query that is none', async () => {
    await expect(check([{ where: 'a panel', expr: 'sum by (farm (up)' }])).rejects.toThrow(/query_0_a_panel/)
  })
})
