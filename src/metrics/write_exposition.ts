/** The text of all metrics, in either format, in pieces, so that no scrape blocks the event loop for long. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { exemplarsOf, noExemplars } from './exemplars.ts'
import type { Row } from './metric_row.ts'
import { contentTypes, type Format, negotiate } from './negotiate_format.ts'
import { type Column, closing, columns, opening } from './record_layout.ts'
import type { Series, Store } from './record_store.ts'

export interface Exposition {
  readonly contentType: string
  /** The body in pieces; other work gets its turn between them. */
  readonly chunks: AsyncIterable<string | Uint8Array>
}

/** A metric family of another source, already read. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: Row['type']
  readonly samples: readonly {
    readonly name: string
    readonly labels: readonly (readonly [name: string, value: string])[]
    readonly value: number
  }[]
}

/** Characters: about a millisecond of work. */
const chunkLength = 64 * 1024

export function expose(
  store: Store,
  others: () => Promise<Family[]>,
  accept: string | undefined,
  native: boolean,
): Exposition {
  const format = negotiate(accept, native)
  const chunks = format === 'protobuf' ? protobuf(store, others) : write(store, others, format)
  return { contentType: contentTypes[format], chunks }
}

/** Loaded with the first scrape that wants it. */
async function* protobuf(store: Store, others: () => Promise<Family[]>): AsyncGenerator<Uint8Array> {
  const { writeProtobuf } = await import('./write_protobuf.ts')
  yield* writeProtobuf(store, others)
}

async function* write(store: Store, others: () => Promise<Family[]>, format: Format): AsyncGenerator<string> {
  let text = ''
  for (const column of columns) {
    text += header(column.row, format)
    const lines = column.row.buckets ? histogramLines : scalarLines
    for (const series of store.all(column.row.of)) {
      text += lines(column, series, format)
      if (text.length < chunkLength) continue
      yield text
      text = ''
      await nextTurn()
    }
  }
  for (const family of await others()) text += header(family, format) + familyLines(family)
  yield format === 'openmetrics' ? `${text}# EOF\n` : text
}

function header({ name, help, type }: Pick<Row, 'name' | 'help' | 'type'>, format: Format): string {
  const family = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name
  return `# HELP ${family} ${escapeHelp(help, format)}\n# TYPE ${family} ${type}\n`
}

function escapeHelp(help: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped
}

function scalarLines({ row, at, tails }: Column, series: Series): string {
  const head = row.name + (row.bare ? series.bare : series.labels)
  const { cells, zeros } = series
  let text = ''
  for (let i = 0; i < tails.length; i++) {
    const value = cells[at + i] ?? 0
    if (value !== 0 || zeros[at + i] === 1) text += head + tails[i] + value + '\n'
  }
  return text
}

function histogramLines({ row, at, cells: size, tails }: Column, series: Series, format: Format): string {
  const { labels, bare, cells, zeros } = series
  const own = row.bare ? bare : labels
  const head = `${row.name}_bucket${own}`
  const exemplarOf = format === 'openmetrics' ? exemplarsOf(cells) : noExemplars
  let text = ''
  let count = 0
  for (let i = 0; i < size - 1; i++) {
    count += cells[at + i] ?? 0
    text += head + tails[i] + count + exemplarOf(at + i) + '\n'
  }
  if (count === 0 && zeros[at] === 0) return ''
  const end = tails[size - 1]
  return `${text}${row.name}_sum${own}${end}${cells[at + size - 1]}\n${row.name}_count${own}${end}${count}\n`
}

function familyLines({ samples }: Family): string {
  return samples
    .map(({ name, labels, value }) => `${name}${labelText(labels)} ${formatValue(value)}\n`)
    .join('')
}

const labelText = (labels: Family['samples'][number]['labels']): string =>
  labels.length === 0 ? '' : opening(labels) + closing

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : `${value}`
}
