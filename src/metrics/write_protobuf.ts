/**
 * The metrics as protobuf messages, in pieces: the only format in which Prometheus reads native histograms. The numbers of fields are those of
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PbfWriter } from 'pbf'
import { printable } from '../runtime/printable.ts'
import { exemplarAt, type Kept } from './exemplars.ts'
import { type Row, scopeLabels } from './metric_row.ts'
import { type NativeBuckets, nativeBucketsOf, schema, zeroThreshold } from './native_buckets.ts'
import { type Column, columns } from './record_layout.ts'
import type { Series, Store } from './record_store.ts'
import type { Family } from './write_exposition.ts'

const types = { counter: 0, gauge: 1, summary: 2, histogram: 4 } as const

type Scalar = 'counter' | 'gauge'
type Labels = Family['samples'][number]['labels']
/** Writes the fields of one metric. */
type Write = (writer: PbfWriter) => void

interface Whole {
  readonly count: number
  readonly sum: number
  /** The cumulated buckets of a histogram by their upper bounds, the quantiles of a summary. */
  readonly steps: readonly Step[]
  readonly native?: NativeBuckets | undefined
}

interface Step {
  readonly at: number
  readonly value: number
  readonly exemplar?: Kept | undefined
}

/** Bytes: about a millisecond of work. */
const chunkLength = 64 * 1024

export async function* writeProtobuf(
  store: Store,
  others: () => Promise<Family[]>,
): AsyncGenerator<Uint8Array> {
  for (const column of columns) {
    const { row } = column
    // A summary without sum and count would get both: its quantiles are gauges, with the same names and labels.
    yield* message(row.type === 'summary' ? { ...row, type: 'gauge' } : row, metricsOf(column, store))
  }
  for (const family of await others()) yield* message(family, metricsOfFamily(family))
}

/** One family after its length, which needs all of it: it is made in pieces all the same, and other work gets its turn between them. */
async function* message(
  { name, help, type }: Pick<Row, 'name' | 'help' | 'type'>,
  metrics: Iterable<Write>,
): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = []
  let writer = new PbfWriter()
  writer.writeStringField(1, name)
  writer.writeStringField(2, help)
  writer.writeVarintField(3, types[type])
  let isEmpty = true
  for (const write of metrics) {
    writer.writeMessage(4, (_, into) => write(into), undefined)
    isEmpty = false
    if (writer.pos < chunkLength) continue
    pieces.push(writer.finish())
    writer = new PbfWriter()
    await nextTurn()
  }
  // Prometheus refuses a family without metrics.
  if (isEmpty) return
  pieces.push(writer.finish())
  const length = new PbfWriter()
  length.writeVarint(pieces.reduce((sum, piece) => sum + piece.length, 0))
  yield length.finish()
  yield* pieces
}

function* metricsOf(column: Column, store: Store): Generator<Write> {
  const { row, at, labels } = column
  for (const series of store.all(row.of)) {
    const own = ownLabels(row, series)
    const { cells, zeros } = series
    if (row.buckets) {
      const whole = histogramOf(column, row.buckets, series)
      if (whole.count !== 0 || zeros[at] === 1)
        yield (writer) => {
          writeLabels(writer, own)
          writer.writeMessage(7, writeHistogram, whole)
        }
    } else
      for (const [i, beyond] of labels.entries()) {
        const value = cells[at + i] ?? 0
        if (value !== 0 || zeros[at + i] === 1)
          yield (writer) =>
            writeValue(
              writer,
              row.type === 'counter' ? 'counter' : 'gauge',
              [...own, ...Object.entries(beyond)],
              value,
            )
      }
  }
}

function histogramOf({ at, cells: size }: Column, bounds: readonly number[], { cells }: Series): Whole {
  let count = 0
  const steps = [...bounds, Number.POSITIVE_INFINITY].map((bound, i) => {
    count += cells[at + i] ?? 0
    return { at: bound, value: count, exemplar: exemplarAt(cells, at + i) }
  })
  return { count, sum: cells[at + size - 1] ?? 0, steps, native: nativeBucketsOf(cells, at) }
}

function ownLabels({ of, bare }: Pick<Row, 'of' | 'bare'>, { names }: Series): Labels {
  const labels = scopeLabels[of].map((label, i) => [label, names[i] ?? ''] as const)
  return bare ? labels.filter(([label]) => label !== 'role') : labels
}

/** Samples of a histogram or summary that differ in its own label alone are one metric. */
function* metricsOfFamily({ name, type, samples }: Family): Generator<Write> {
  if (type === 'counter' || type === 'gauge') {
    for (const { labels, value } of samples) yield (writer) => writeValue(writer, type, labels, value)
    return
  }
  const ownLabel = type === 'histogram' ? 'le' : 'quantile'
  const shared = (labels: Labels) => labels.filter(([label]) => label !== ownLabel)
  for (const all of Map.groupBy(samples, ({ labels }) => shared(labels).join()).values()) {
    const partOf = (part: string) => all.find((each) => each.name === name + part)?.value ?? 0
    const steps = all.flatMap(({ labels, value }) => {
      const at = labels.find(([label]) => label === ownLabel)?.[1]
      return at === undefined ? [] : [{ at: Number(at.replace('Inf', 'Infinity')), value }]
    })
    const whole = { count: partOf('_count'), sum: partOf('_sum'), steps }
    yield (writer) => {
      writeLabels(writer, shared(all[0]?.labels ?? []))
      if (type === 'histogram') writer.writeMessage(7, writeHistogram, whole)
      else writer.writeMessage(4, writeSummary, whole)
    }
  }
}

function writeValue(writer: PbfWriter, type: Scalar, labels: Labels, value: number): void {
  writeLabels(writer, labels)
  writer.writeMessage(type === 'counter' ? 3 : 2, (of, into) => into.writeDoubleField(1, of), value)
}

function writeSummary({ count, sum, steps }: Whole, writer: PbfWriter): void {
  writer.writeVarintField(1, count)
  writer.writeDoubleField(2, sum)
  for (const step of steps)
    writer.writeMessage(
      3,
      ({ at, value }, into) => {
        into.writeDoubleField(1, at)
        into.writeDoubleField(2, value)
      },
      step,
    )
}

function writeHistogram({ count, sum, steps, native }: Whole, writer: PbfWriter): void {
  writer.writeVarintField(1, count)
  writer.writeDoubleField(2, sum)
  for (const step of steps) writer.writeMessage(3, writeBucket, step)
  if (native === undefined) return
  writer.writeSVarintField(5, schema)
  writer.writeDoubleField(6, zeroThreshold)
  writer.writeVarintField(7, native.zero)
  for (const span of native.spans)
    writer.writeMessage(
      12,
      ({ offset, counts }, into) => {
        into.writeSVarintField(1, offset)
        into.writeVarintField(2, counts.length)
      },
      span,
    )
  // Each count as its difference from the one before.
  const counts = native.spans.flatMap((span) => span.counts)
  writer.writePackedSVarint(
    13,
    counts.map((each, i) => each - (counts[i - 1] ?? 0)),
  )
}

function writeBucket({ at, value, exemplar }: Step, writer: PbfWriter): void {
  writer.writeVarintField(1, value)
  writer.writeDoubleField(2, at)
  if (exemplar !== undefined) writer.writeMessage(3, writeExemplar, exemplar)
}

function writeExemplar({ traceId, seconds, atMs }: Kept, writer: PbfWriter): void {
  writeLabels(writer, [['trace_id', traceId]])
  writer.writeDoubleField(2, seconds)
  writer.writeMessage(
    3,
    (ms, into) => {
      into.writeVarintField(1, Math.floor(ms / 1000))
      into.writeVarintField(2, Math.floor((ms % 1000) * 1e6))
    },
    atMs,
  )
}

function writeLabels(writer: PbfWriter, labels: Labels): void {
  for (const label of labels)
    writer.writeMessage(
      1,
      ([name, value], into) => {
        into.writeStringField(1, name)
        into.writeStringField(2, printable(value))
      },
      label,
    )
}
