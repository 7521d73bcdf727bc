import { describe, expect, test } from 'vitest'
import { labelNames } from '../../src/metrics/metric_row.ts'
import { table } from '../../src/metrics/metric_table.ts'
import { queries } from '../../tools/references/example_queries.ts'
import { metricsReference } from '../../tools/references/metrics_reference.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { promtool } from '../support/rules/promtool.ts'
import { tempDir } from '../support/temp_dir.ts'

test('the reference describes every metric with its labels', () => {
  const text = metricsReference()
  for (const row of table) {
    expect(text).toContain(`### \`${row.name}\`\n\n${row.help}\n`)
    for (const label of labelNames(row)) expect(text).toContain(`\`${label}\``)
  }
})

describe('the example queries', () => {
  const series = new Set<string>(
    table.flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  )

  test('ask only for series that exist', () => {
    const asked = queries.flatMap(({ query }) => query.match(/farmprobe_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.filter((name) => !series.has(name))).toEqual([])
  })
})

suiteWith('promtool')('promtool', () => {
  test('can parse every example query', async () => {
    await using dir = await tempDir()
    const rules = queries.map(({ query }, i) => ({ record: `example:${i}`, expr: query }))
    const file = await dir.write('rules.yaml', JSON.stringify({ groups: [{ name: 'examples', rules }] }))
    expect(promtool(['check', 'rules', file])).toContain(`${queries.length} rules found`)
  })
})
