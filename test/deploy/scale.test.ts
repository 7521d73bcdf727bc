/** What docs/scale.md shows: for two farmprobes that watch the same farms, each query gives what one alone would. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { table } from '../../src/metrics/metric_table.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { promtool } from '../support/rules/promtool.ts'
import { tempDir } from '../support/temp_dir.ts'

const text = readFileSync('docs/scale.md', 'utf8')

/** Code blocks of a language, without the indentation of the list they are in. */
const blocks = (language: string): string[] =>
  Array.from(
    text.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)\\n\\1\`\`\``, 'gm')),
    ([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )

const queries = blocks('promql')
const yaml = (name: string) => blocks('yaml').find((block) => block.startsWith(`# ${name}\n`)) ?? ''

/** What two farmprobes count of a probe a second: one meets a quarter of failures, the other one a half, and both see the same two recycles. */
const series = [
  ...['a', 'b'].flatMap((replica) => [
    [`farmprobe_probes_total{instance="${replica}",farm="shop",role="balancer",lane="tick"}`, '0+60x60'],
    [
      `farmprobe_recycles_total{instance="${replica}",farm="shop",target="web01",evidence="identity"}`,
      '0x20 1x40',
    ],
    [
      `farmprobe_recycles_total{instance="${replica}",farm="shop",target="web01",evidence="cold_start"}`,
      '0x30 1x30',
    ],
  ]),
  ['farmprobe_responses_total{instance="a",farm="shop",role="balancer",lane="tick",code="502"}', '0+15x60'],
  ['farmprobe_responses_total{instance="b",farm="shop",role="balancer",lane="tick",code="502"}', '0+30x60'],
  ['farmprobe_verdict{instance="a",farm="shop",check="home",verdict="masked"}', '0x60'],
  ['farmprobe_verdict{instance="b",farm="shop",check="home",verdict="masked"}', '1x60'],
]

const answers = [
  { labels: '{farm="shop"}', value: 0.375 },
  { labels: '{farm="shop", target="web01"}', value: 2 },
  { labels: '{farm="shop", check="home", verdict="masked"}', value: 1 },
]

test('there are as many queries as answers, of metrics that there are', () => {
  expect(queries).toHaveLength(answers.length)
  const known = new Set<string>(table.map(({ name }) => name))
  const asked = [...queries, yaml('rules.yaml')].flatMap((query) =>
    query.match(/\bfarmprobe_[a-z_]+_total|farmprobe_verdict\b/g),
  )
  expect(asked.filter((name) => name === null || !known.has(name))).toEqual([])
})

suiteWith('promtool')('Prometheus', () => {
  test('answers for two farmprobes what is true of the farm', async () => {
    await using dir = await tempDir()
    const cases = queries.map((expr, at) => ({
      expr,
      eval_time: '1h',
      exp_samples: [answers[at]],
    }))
    const file = await dir.write(
      'tests.yaml',
      stringify({
        tests: [
          {
            interval: '1m',
            input_series: series.map(([name, values]) => ({ series: name, values })),
            promql_expr_test: cases,
          },
        ],
      }),
    )
    expect(promtool(['test', 'rules', file])).toContain('SUCCESS')
  })

  test('takes the rules and the configuration that are shown', async () => {
    await using dir = await tempDir()
    const rules = await dir.write('rules.yaml', yaml('rules.yaml'))
    expect(promtool(['check', 'rules', rules])).toContain('1 rules found')
    const config = await dir.write('prometheus.yaml', yaml('prometheus.yaml'))
    expect(promtool(['check', 'config', config])).toContain('SUCCESS')
    expect(parse(yaml('prometheus.yaml'))).toHaveProperty('remote_write')
  })
})
