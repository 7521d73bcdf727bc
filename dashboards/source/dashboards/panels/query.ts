import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { prometheus } from '../variables.ts'

export interface Query {
  readonly expr: string
  /** The name of a series; `{{label}}` is replaced. */
  readonly legend?: string
  /** Over the time shown; at its end only; or at its end, a row for each series, for tables; or by bucket. */
  readonly as?: 'range' | 'instant' | 'table' | 'heatmap'
}

/** A query in Grafana's form; the first of a panel is A, the next B, and so on. */
export function target(query: Query, index: number): DataqueryBuilder {
  const { as = 'range' } = query
  const builder = new DataqueryBuilder()
    .refId(refId(index))
    .datasource(prometheus)
    .expr(query.expr)
    .format(formats[as])
    .legendFormat(query.legend ?? '__auto')
  // Buckets are where exemplars are: points that link to the traces of single requests.
  if (as === 'heatmap') builder.exemplar(true)
  return as === 'instant' || as === 'table' ? builder.instant() : builder.range()
}

export const refId = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index)

const formats = {
  range: PromQueryFormat.TimeSeries,
  instant: PromQueryFormat.TimeSeries,
  table: PromQueryFormat.Table,
  heatmap: PromQueryFormat.Heatmap,
} as const
