/** Writes values into records: by the labels of a series, or, for what every probe counts, by its cell. */
import { balancerName } from '../model/farm.ts'
import { type Exemplar, keepExemplar } from './exemplars.ts'
import { configuredScopes, scopeLabels } from './metric_row.ts'
import { type Labels, type MetricName, table } from './metric_table.ts'
import { observeNative } from './native_buckets.ts'
import { columnNamed } from './record_layout.ts'
import type { Store } from './record_store.ts'

/** A record, or undefined when its owner is gone: what belongs to it then counts nowhere. */
export type Cells = Float64Array | undefined

/** Adds to a cell; an undefined one is outside the closed sets and counts nowhere. */
export function add(cells: Cells, cell: number | undefined, amount: number): void {
  if (cells !== undefined && cell !== undefined) cells[cell] = (cells[cell] ?? 0) + amount
}

/** Sets a cell; an undefined one is outside the closed sets. */
export function set(cells: Cells, cell: number | undefined, value: number): void {
  if (cells !== undefined && cell !== undefined) cells[cell] = value
}

/** Finds a scalar's cell from its label values, in the table's order; undefined when a value is not in its closed set. */
export function cellOf(name: MetricName): (first?: string, second?: string) => number | undefined {
  const { row, at } = columnNamed(name)
  const [firsts, seconds] = Object.values(row.beyond ?? {}).map(
    (values) => new Map(values.map((value, i) => [value, i])),
  )
  const width = seconds?.size ?? 1
  return (first = '', second = '') => {
    const i = firsts === undefined ? 0 : firsts.get(first)
    const j = seconds === undefined ? 0 : seconds.get(second)
    return i === undefined || j === undefined ? undefined : at + i * width + j
  }
}

/** Adds an observation in seconds to a histogram's cells, and keeps its exemplar. */
export function histogram(name: MetricName): (cells: Cells, seconds: number, exemplar?: Exemplar) => void {
  const { row, at, cells: size } = columnNamed(name)
  const bounds = row.buckets ?? []
  const sum = at + size - 1
  return (cells, seconds, exemplar) => {
    let bucket = 0
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++
    add(cells, at + bucket, 1)
    add(cells, sum, seconds)
    if (cells === undefined) return
    observeNative(cells, at, seconds)
    if (exemplar !== undefined) keepExemplar(cells, at + bucket, seconds, exemplar)
  }
}

type AnyLabels = Readonly<Record<string, string>>

/** How the series of each metric are found from their labels. */
const finders = new Map(
  table.map(({ name, of: scope, beyond = {}, buckets }) => {
    const cell = cellOf(name)
    const [first = '', second = ''] = Object.keys(beyond)
    const find = {
      cells(store: Store, labels: AnyLabels): Cells {
        const names = scopeLabels[scope].map((label) => labels[label] ?? implied(label, labels))
        return configuredScopes.has(scope)
          ? store.find(scope, names.join('\n'))
          : store.ensure({ scope, names, traits: {} })
      },
      cell: (labels: AnyLabels) => cell(labels[first], labels[second]),
      observe: buckets && histogram(name),
    }
    return [name, find]
  }),
)

/** Writes single series. What belongs to a farm, target, node or check that is gone counts nowhere. */
export type SeriesWriter = ReturnType<typeof createSeriesWriter>

export const createSeriesWriter = (store: Store) => ({
  /** Adds to a counter, or an observation in seconds, with its exemplar, to a histogram. */
  add<Name extends MetricName>(name: Name, labels: Labels<Name>, amount = 1, exemplar?: Exemplar): void {
    const find = finders.get(name)
    const cells = find?.cells(store, labels)
    if (find?.observe) find.observe(cells, amount, exemplar)
    else add(cells, find?.cell(labels), amount)
  },
  set<Name extends MetricName>(name: Name, labels: Labels<Name>, value: number): void {
    const find = finders.get(name)
    set(find?.cells(store, labels), find?.cell(labels), value)
  },
})

/** Events leave the role out: the balancer's name is reserved, so the name says it. */
const implied = (label: string, { target }: AnyLabels): string =>
  label === 'role' ? (target === balancerName ? 'balancer' : 'node') : ''
