/** The newest observation of each bucket that has a trace: OpenMetrics shows it as the bucket's exemplar. */

export interface Exemplar {
  readonly traceId: string
  /** When it was observed, in wall milliseconds. */
  readonly atMs: number
}

export interface Kept extends Exemplar {
  readonly seconds: number
}

/** By record, then by cell; they go with their record. */
const kept = new WeakMap<Float64Array, Map<number, Kept>>()

/** Prometheus refuses an exemplar that is older than the one before. */
export function keepExemplar(cells: Float64Array, cell: number, seconds: number, exemplar: Exemplar): void {
  const ofRecord = kept.get(cells) ?? new Map<number, Kept>()
  kept.set(cells, ofRecord)
  if ((ofRecord.get(cell)?.atMs ?? 0) <= exemplar.atMs) ofRecord.set(cell, { ...exemplar, seconds })
}

/** The exemplar of a record's bucket, by its cell. */
export const exemplarAt = (cells: Float64Array, cell: number): Kept | undefined => kept.get(cells)?.get(cell)

/** What follows the value of a record's bucket in OpenMetrics, by its cell; empty where none was traced. */
export function exemplarsOf(cells: Float64Array): (cell: number) => string {
  const ofRecord = kept.get(cells)
  return ofRecord === undefined ? noExemplars : (cell) => written(ofRecord.get(cell))
}

export const noExemplars = (): string => ''

function written(found: Kept | undefined): string {
  return found === undefined ? '' : ` # {trace_id="${found.traceId}"} ${found.seconds} ${found.atMs / 1000}`
}

/** Undefined where no trace was begun. */
export const exemplar = (traceId: string | undefined, atMs: number): Exemplar | undefined =>
  traceId === undefined ? undefined : { traceId, atMs }
