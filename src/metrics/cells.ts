/** Where in a record a value goes. */

import type { MetricName } from './metric_table.ts'
import { columnNamed } from './record_layout.ts'

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

/** A record, or undefined when its owner is gone: what belongs to it then counts nowhere. */
export type Cells = Float64Array | undefined

/** Adds an observation in seconds to a histogram's cells. */
export function histogram(name: MetricName): (cells: Cells, seconds: number) => void {
  const { row, at, cells: size } = columnNamed(name)
  const bounds = row.buckets ?? []
  const sum = at + size - 1
  return (cells, seconds) => {
    let bucket = 0
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++
    add(cells, at + bucket, 1)
    add(cells, sum, seconds)
  }
}

/** Adds to a cell; an undefined one is outside the closed sets and counts nowhere. */
export function add(cells: Cells, cell: number | undefined, amount: number): void {
  if (cells !== undefined && cell !== undefined) cells[cell] = (cells[cell] ?? 0) + amount
}

/** Sets a cell; an undefined one is outside the closed sets. */
export function set(cells: Cells, cell: number | undefined, value: number): void {
  if (cells !== undefined && cell !== undefined) cells[cell] = value
}
