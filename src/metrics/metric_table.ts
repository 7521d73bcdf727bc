/** The one table of metrics: names, types, labels, buckets and help; exposition, documentation and cost derive from it. */
import { farmRows } from './farm_rows.ts'
import { ownRows } from './own_rows.ts'

export const table = [...farmRows, ...ownRows] as const

export type MetricName = (typeof table)[number]['name']
