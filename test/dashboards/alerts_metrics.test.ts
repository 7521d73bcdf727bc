/** Expressions and the table of metrics: a name or label that does not exist matches nothing, without a word. */
import { describe, expect, test } from 'vitest'
import { labelNames, type Row } from '../../src/metrics/metric_row.ts'
import { table } from '../../src/metrics/metric_table.ts'
import { alertRules, recordingRules, rulesWith } from '../support/rules/rule_files.ts'

const rows: readonly Row[] = table
/** By the first part of its name. */
const recorded = new Map(
  recordingRules.map(({ record, labels }) => {
    const level = record.split(':')[0] ?? ''
    const own = Object.keys(labels ?? {})
    if (level === 'subject') return [record, ['job', 'instance', 'farm', 'role', 'target', 'check', ...own]]
    return [record, level === 'instance' ? ['job', 'instance'] : [...level.split('_'), ...own]]
  }),
)
/** Given by Prometheus to everything it scrapes. */
const fromScrape = ['job', 'instance']

const expressions = [
  ...alertRules.map(({ alert, expr }) => ({ name: alert, expr })),
  ...recordingRules.map(({ record, expr }) => ({ name: record, expr })),
  ...alertRules.flatMap(({ alert, annotations }) =>
    Object.entries(annotations)
      .filter(([, text]) => text.includes('| query'))
      .map(([key, text]) => ({ name: `${alert}, ${key}`, expr: /`(.*)` \$labels/.exec(text)?.[1] ?? '' })),
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
    /(?<metric>(?:\b\w+:)?\b(?:farmprobe_\w+(?::\w+)?|up)\b)(?:\{(?<matchers>[^}]*)\})?/g,
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
  expect([...new Set(laned)]).toEqual([
    // Faults of our own count in every lane.
    'FarmprobeInternalErrors: farmprobe_probes_total',
    // They take account of what canaries do to idle pools.
    'farm_target:farmprobe_recycles:1m: farmprobe_probes_total',
    'farm:farmprobe_nodes_recycled_together:count: farmprobe_probes_total',
  ])
})

test('every alert on a farm leaves its maintenance out, or is no fault that maintenance could cause', () => {
  const loud = alertRules.filter(({ alert }) => {
    const { groups } = rulesWith((each) => each.alert === alert)
    return !JSON.stringify(groups).includes('max_over_time(farmprobe_in_maintenance[3m])')
  })
  expect(loud.map(({ alert }) => alert)).toEqual([
    'FarmprobeCredentialsRefused',
    'FarmprobeNodesRecycleTogether',
    'FarmprobeCertificateExpiresSoon',
    'FarmprobeCertificateExpiresNow',
    'FarmprobeMissing',
    'FarmprobeReplicaMissing',
    'FarmprobeShardMissing',
    'FarmprobeRestarting',
    'FarmprobeBlind',
    'FarmprobeConfigReloadFailed',
    'FarmprobeDiscoveryFailing',
    'FarmprobeInternalErrors',
    'FarmprobeJournalFailing',
  ])
})
