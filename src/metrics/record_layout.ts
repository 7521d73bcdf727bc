/**
 * Where the values of one owner (a target, a check on a target, a farm, …) lie in its record, and the text around them.
 * A record is one array of doubles, in the order of the table: a scalar row takes a cell per combination of its
 * label values, a histogram one per bucket (not cumulated), one for what exceeds all buckets and one for the sum.
 * So a target costs kilobytes, not the hundreds of objects that a label map per series takes.
 */
import { printable } from '../runtime/printable.ts'
import { type Row, type Scope, scopeLabels, type Traits } from './metric_row.ts'
import { type MetricName, table } from './metric_table.ts'

export interface Column {
  readonly row: Row
  /** Its first cell in the record. */
  readonly at: number
  readonly cells: number
  /** The label values of each cell, beyond the scope's; empty for a histogram. */
  readonly labels: readonly Readonly<Record<string, string>>[]
  /** What a line ends with before its value, per cell (of a histogram: per bucket, then for sum and count). */
  readonly tails: readonly string[]
}

/** A number as Prometheus and OpenMetrics both write it where it is a label: integers keep a fraction. */
export const canonical = (value: number): string => (Number.isInteger(value) ? `${value}.0` : `${value}`)

function columnOf(row: Row, at: number): Column {
  const { buckets } = row
  if (buckets === undefined) {
    const labels = combinations(Object.entries(row.beyond ?? {}))
    return { row, at, cells: labels.length, labels, tails: labels.map((each) => tail(row.of, each)) }
  }
  const bounds = [...buckets.map(canonical), '+Inf']
  const tails = [...bounds.map((le) => tail(row.of, { le })), tail(row.of, {})]
  return { row, at, cells: bounds.length + 1, labels: [], tails }
}

function combinations(labels: [name: string, values: readonly string[]][]): Record<string, string>[] {
  const [first, ...others] = labels
  if (first === undefined) return [{}]
  const [name, values] = first
  return values.flatMap((value) => combinations(others).map((rest) => ({ [name]: value, ...rest })))
}

/** The closing of a line's labels; its opening is the owner's, see `opening`. */
function tail(scope: Scope, labels: Record<string, string>): string {
  const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  if (scopeLabels[scope].length > 0) return `${['', ...text].join(',')}${closing} `
  return text.length === 0 ? ' ' : `{${text.join(',')}${closing} `
}

/** What ends labels that `opening` began. */
export const closing = '}'

/** The opening of a line's labels; `closing` or a column's tail ends them. */
export function opening(labels: readonly (readonly [name: string, value: string])[]): string {
  if (labels.length === 0) return ''
  return `{${labels.map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}`
}

const escapeLabel = (value: string) => printable(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"')

const sizes = new Map<Scope, number>()

export const sizeOf = (scope: Scope): number => sizes.get(scope) ?? 0

export const columns: readonly Column[] = table.map((row) => {
  const column = columnOf(row, sizeOf(row.of))
  sizes.set(row.of, column.at + column.cells)
  return column
})

const byName = new Map(columns.map((column) => [column.row.name, column]))

export function columnNamed(name: MetricName): Column {
  const column = byName.get(name)
  if (column === undefined) throw new Error(`there is no metric ${name}`)
  return column
}

const columnsOf = (scope: Scope): Column[] => columns.filter(({ row }) => row.of === scope)

/** Which cells of a record exist at zero: 1 for those; shared by all owners with the same traits. */
export function zeroMask(scope: Scope, traits: Traits): Uint8Array {
  const key = [
    scope,
    traits.role,
    traits.lane,
    traits.auth,
    traits.tls,
    traits.blamed,
    traits.crosschecked,
    traits.exporterRead,
    traits.linked,
  ].join()
  const known = masks.get(key)
  if (known !== undefined) return known
  const mask = new Uint8Array(sizeOf(scope)).fill(1)
  for (const { row, at, labels } of columnsOf(scope)) {
    const has = traits.role !== 'through' || row.through === true
    for (const [i, each] of (row.buckets ? [{}] : labels).entries())
      mask[at + i] = has && (row.zero?.(each, traits) ?? true) ? 1 : 0
  }
  masks.set(key, mask)
  return mask
}

/** A few dozen at most, because the traits are closed sets. */
const masks = new Map<string, Uint8Array>()

/** How many series an owner costs before anything was counted. */
export function zeroCost(scope: Scope, traits: Traits): number {
  const mask = zeroMask(scope, traits)
  let cost = 0
  for (const { row, at, cells } of columnsOf(scope)) {
    if (row.buckets) cost += mask[at] === 1 ? row.buckets.length + 3 : 0
    else for (let i = at; i < at + cells; i++) cost += mask[i] ?? 0
  }
  return cost
}
