/** A table with a row for each thing and a column for each query. */
import { TableCellHeight } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { fill, type Looks, type PanelSpec, type Placeable } from './panel.ts'
import { refId } from './query.ts'

interface Column {
  readonly title: string
  /** Yields one value for each row, with the labels of the table and no others. */
  readonly expr: string
  readonly looks: Looks
}

interface TableSpec extends Omit<PanelSpec, 'queries' | 'ofSeries' | 'ofQuery'> {
  /** The labels that name a row, with the titles of their columns, in the order of the table. */
  readonly labels: readonly (readonly [label: string, title: string, looks: Looks])[]
  readonly columns: readonly Column[]
  /** The column by which it is sorted at first, largest on top. */
  readonly sortBy: string
}

/** Rows are what the queries have in common: their results are joined by the labels, which all of them must have. */
export function table({ labels, columns, sortBy, ...spec }: TableSpec): Placeable {
  const builder = new PanelBuilder()
    .showHeader(true)
    .cellHeight(TableCellHeight.Sm)
    .sortBy([{ build: () => ({ displayName: sortBy, desc: true }) }])
    .filterable(true)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: organize(labels, columns) })
  const ofSeries = [
    ...labels.map(([, title, looks]) => [title, looks] as const),
    ...columns.map(({ title, looks }) => [title, looks] as const),
  ]
  const queries = columns.map(({ expr }) => ({ expr, as: 'table' as const }))
  const panel = fill(builder, { ...spec, queries, ofSeries })
  // Grafana 12 moved the footer's settings; without one, all versions agree.
  const { footer: _, ...options } = panel.options
  return { ...panel, options }
}

/** Of several table queries Grafana calls the values `Value #A`, `Value #B` and so on; of one, `Value`. */
function organize(labels: TableSpec['labels'], columns: readonly Column[]) {
  const fields = [
    ...labels.map(([label, title]) => [label, title] as const),
    ...columns.map(
      ({ title }, index) => [columns.length === 1 ? 'Value' : `Value #${refId(index)}`, title] as const,
    ),
  ]
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(fields.map(([field], index) => [field, index])),
    renameByName: Object.fromEntries(fields),
  }
}
