/** Expressions and the table of metrics: a name or label that does not exist matches nothing, without a word. */
import { describe, expect, test } from 'vitest'
import { labelNames, type Row } from '../../src/metrics/metric_row.ts'
import { table } from '../../src/metrics/metric_table.ts'
import { alertRules, recordingRules } from '../support/rules/rule_files.ts'

const rows: readonly Row[] = table
const recorded = new Map(recordingRules.map(({ record }) => [record, ['farm']]))
/** Given by Prometheus to everything it scrapes. */
const fromScrape = ['job', 'instance']

const expressions = [
  ...alertRules.map(({ alert, expr }) => ({ name: alert, expr })),
  ...recordingRules.map(({ record, expr }) => ({ name: record, expr })),
  ...alertRules.flatMap(({ alert, annotations }) =>
    Object.entries(annotations)
      .filter(([, text]) => text.includes('| query'))
      .map(([key, text]) => ({ name: `${alert}, ${key}`, expr: /"(.*)" \$labels/.exec(text)?.[1] ?? '' })),
  ),
]

interface Selector {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[]
  /** The labels of the nearest `by` or `on` before it. */
  readonly grouped: readonly string[]
}

function selectorsIn(expr: string): Selector[] {
  const found = expr.matchAll(
    /(?<metric>(?:farm:)?\b(?:farmprobe_\w+(?::\w+)?|up)\b)(?:\{(?<matchers>[^}]*)\})?/g,
  )
  return [...found].map((match) => {
    const { metric = '', matchers = '' } = match.groups ?? {}
    const grouping = [...expr.slice(0, match.index).matchAll(/\b(?:by|on) \(([^)]*)\)/g)].at(-1)?.[1] ?? ''
    return {
      metric,
      matchers: [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"?([^",]*)"?/g)].map(
        ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
      ),
      grouped: grouping.split(/, */).filter((label) => label !== ''),
    }
  })
}

const rowOf = (metric: string) =>
  rows.find(
    ({ name, buckets }) =>
      name === metric || (buckets && metric.replace(/_(bucket|sum|count)$/, '') === name),
  )

function labelsOf(metric: string): readonly string[] | undefined {
  if (metric === 'up') return fromScrape
  const row = rowOf(metric)
  if (row === undefined) return recorded.get(metric)
  return [...labelNames(row), ...(metric.endsWith('_bucket') ? ['le'] : []), ...fromScrape]
}

/** What a selector asks for that there is not. */
function unknownLabels({ metric, matchers, grouped }: Selector): string[] {
  const labels = labelsOf(metric)
  if (labels === undefined) return [metric]
  const asked = [...matchers.map(({ label }) => label), ...grouped]
  return asked.filter((label) => !labels.includes(label)).map((label) => `${metric}{${label}}`)
}

/** Values of labels with a closed set that are not in it. */
function unknownValues({ metric, matchers }: Selector): string[] {
  const row = rowOf(metric)
  const le = row?.buckets?.map((bound) => (Number.isInteger(bound) ? `${bound}.0` : `${bound}`))
  const closed: Record<string, readonly string[]> = {
    ...row?.beyond,
    role: ['balancer', 'node'],
    ...(le && { le }),
  }
  return matchers.flatMap(({ label, value }) =>
    value
      .split('|')
      .filter((each) => closed[label]?.includes(each) === false)
      .map((each) => `${metric}{${label}="${each}"}`),
  )
}

describe.for(expressions)('$name', ({ expr }) => {
  const selectors = selectorsIn(expr)

  test('asks for metrics, labels and values that exist', () => {
    expect(selectors).not.toEqual([])
    expect(selectors.flatMap(unknownLabels)).toEqual([])
    expect(selectors.flatMap(unknownValues)).toEqual([])
  })
})

test('a name, a label or a value that does not exist is found', () => {
  const wrong = 'sum by (colour) (farmprobe_probes_total{lane="tock",result!~"ok|fine"}) / farmprobe_nothing'
  const selectors = selectorsIn(wrong)
  expect(selectors.flatMap(unknownLabels)).toEqual(['farmprobe_probes_total{colour}', 'farmprobe_nothing'])
  expect(selectors.flatMap(unknownValues)).toEqual([
    'farmprobe_probes_total{lane="tock"}',
    'farmprobe_probes_total{result="fine"}',
  ])
})

test('ratios are made of scheduled probes only', () => {
  const laned = expressions.flatMap(({ name, expr }) =>
    selectorsIn(expr)
      .filter(({ metric }) => labelsOf(metric)?.includes('lane'))
      .filter(({ matchers }) => !matchers.some(({ label, value }) => label === 'lane' && value === 'tick'))
      .map(({ metric }) => `${name}: ${metric}`),
  )
  expect(laned).toEqual([
    // They take account of what canaries do to idle pools.
    'FarmprobeNodeRecyclesOften: farmprobe_probes_total',
    'FarmprobeNodesRecycleTogether: farmprobe_probes_total',
    // Faults of our own count in every lane.
    'FarmprobeInternalErrors: farmprobe_probes_total',
  ])
})

test('every alert on a farm is silent in its maintenance', () => {
  const loud = alertRules.filter(
    ({ expr }) => !expr.includes('unless on (farm) max_over_time(farmprobe_in_maintenance'),
  )
  expect(loud.map(({ alert }) => alert)).toEqual([
    'FarmprobeMissing',
    'FarmprobeShardMissing',
    'FarmprobeBlind',
    'FarmprobeConfigReloadFailed',
    'FarmprobeInternalErrors',
  ])
})
