/**
 * Rows of plain data as columns that compress well. A field that is a number of milliseconds becomes whole hundredths,
 * less what is expected of it: the value of the row before, or what other fields of its row add up to. Any other field
 * becomes an index into the list of its values. Fields may be absent, from a row or from all.
 */

/** A row: fields by name; what is nested stands under `outer.inner`. Values are what JSON can hold. */
export type Row = Readonly<Record<string, unknown>>

type Column =
  | { readonly expect?: Expectation; readonly hundredths: readonly (number | null)[] }
  | { readonly words: readonly unknown[]; readonly at: readonly (number | null)[] }

export type Columns = Readonly<Record<string, Column>>

/** `previous`: the row before; otherwise names of fields, each with a minus sign before it where it is taken off. */
export type Expectation = 'previous' | readonly string[]

const hundred = 100

/** What is expected may only refer to fields of milliseconds that stand before it. */
export function toColumns(rows: readonly Row[], expected: ReadonlyMap<string, Expectation>): Columns {
  const names = inOrder(new Set(rows.flatMap(Object.keys)), expected)
  const known = new Map<string, (number | null)[]>()
  const columns: Record<string, Column> = {}
  for (const name of names) {
    const values = rows.map((row) => row[name])
    if (!isMilliseconds(name, values)) {
      columns[name] = toWords(values)
      continue
    }
    const whole = values.map((value) =>
      value === undefined ? null : Math.round((value as number) * hundred),
    )
    const expect = expected.get(name)
    const hundredths = whole.map((value, row) => {
      if (value === null) return null
      return value - expectedAt(expect, row, known, whole)
    })
    known.set(name, whole)
    columns[name] = { ...(expect === undefined ? {} : { expect }), hundredths }
  }
  return columns
}

/** @throws Error when the columns do not fit together */
export function fromColumns(columns: Columns): Row[] {
  const entries = Object.entries(columns)
  const count = entries[0] === undefined ? 0 : lengthOf(entries[0][1])
  const rows: Record<string, unknown>[] = Array.from({ length: count }, () => ({}))
  const known = new Map<string, (number | null)[]>()
  for (const [name, column] of entries) {
    if (lengthOf(column) !== count)
      throw new Error(`column ${name} has ${lengthOf(column)} values where others have ${count}`)
    const whole: (number | null)[] = []
    for (const [index, row] of rows.entries()) {
      if ('words' in column) {
        const at = column.at[index] ?? null
        if (at !== null) row[name] = wordAt(name, column.words, at)
        continue
      }
      const less = column.hundredths[index] ?? null
      whole.push(less === null ? null : less + expectedAt(column.expect, index, known, whole))
      if (less !== null) row[name] = (whole.at(-1) as number) / hundred
    }
    if ('hundredths' in column) known.set(name, whole)
  }
  return rows
}

/** `startedMs`, and what stands under `phaseMs`. */
const isMilliseconds = (name: string, values: readonly unknown[]): boolean =>
  name.split('.').some((part) => part.endsWith('Ms')) &&
  values.every((value) => value === undefined || typeof value === 'number')

function wordAt(name: string, words: readonly unknown[], at: number): unknown {
  if (!(at in words)) throw new Error(`column ${name} refers to value ${at} of ${words.length}`)
  return words[at]
}

/** Those that others are expected from come first. */
function inOrder(names: ReadonlySet<string>, expected: ReadonlyMap<string, Expectation>): string[] {
  const first = [...expected.keys()].filter((name) => names.has(name))
  const plain = [...names].filter((name) => !expected.has(name))
  return [...plain, ...first]
}

function toWords(values: readonly unknown[]): Column {
  const indexes = new Map<string, number>()
  const words: unknown[] = []
  const at = values.map((value) => {
    if (value === undefined) return null
    const text = JSON.stringify(value)
    const index = indexes.get(text) ?? words.push(value) - 1
    indexes.set(text, index)
    return index
  })
  return { words, at }
}

function expectedAt(
  expect: Expectation | undefined,
  row: number,
  known: ReadonlyMap<string, readonly (number | null)[]>,
  own: readonly (number | null)[],
): number {
  if (expect === undefined) return 0
  if (expect === 'previous') return own.slice(0, row).findLast((value) => value !== null) ?? 0
  return expect.reduce((sum, name) => {
    const [field, sign] = name.startsWith('-') ? [name.slice(1), -1] : [name, 1]
    return sum + sign * (known.get(field)?.[row] ?? 0)
  }, 0)
}

const lengthOf = (column: Column): number => ('words' in column ? column.at : column.hundredths).length
