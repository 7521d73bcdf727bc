/**
 * Rows of plain data as columns that compress well. Milliseconds are stored as integer hundredths minus a prediction: the
 * value of the previous row, or the sum of other fields of the row. All other fields are stored as indexes into the list of
 * their distinct values. Fields may be absent, in some rows or in all.
 */

/** Fields by name, nested ones as `outer.inner`. Values are JSON. */
export type Row = Readonly<Record<string, unknown>>

type Column =
  | { readonly predict?: Prediction; readonly hundredths: readonly (number | null)[] }
  | { readonly words: readonly unknown[]; readonly at: readonly (number | null)[] }

export type Columns = Readonly<Record<string, Column>>

/** `previous`: the previous row. Otherwise the names of fields to add up, with a minus sign to subtract. */
export type Prediction = 'previous' | readonly string[]

const hundred = 100

/** Predictions refer to fields in milliseconds that precede them in `predictions` or have none. */
export function toColumns(rows: readonly Row[], predictions: ReadonlyMap<string, Prediction>): Columns {
  const names = inOrder(new Set(rows.flatMap(Object.keys)), predictions)
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
    const predict = predictions.get(name)
    const hundredths = whole.map((value, row) =>
      value === null ? null : value - predictedAt(predict, row, known, whole),
    )
    known.set(name, whole)
    columns[name] = { ...(predict === undefined ? {} : { predict }), hundredths }
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
      whole.push(less === null ? null : less + predictedAt(column.predict, index, known, whole))
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

/** Fields without a prediction first, then the others in the order of `predictions`. */
function inOrder(names: ReadonlySet<string>, predictions: ReadonlyMap<string, Prediction>): string[] {
  const first = [...predictions.keys()].filter((name) => names.has(name))
  const plain = [...names].filter((name) => !predictions.has(name))
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

function predictedAt(
  predict: Prediction | undefined,
  row: number,
  known: ReadonlyMap<string, readonly (number | null)[]>,
  own: readonly (number | null)[],
): number {
  if (predict === undefined) return 0
  if (predict === 'previous') return own.slice(0, row).findLast((value) => value !== null) ?? 0
  return predict.reduce((sum, name) => {
    const [field, sign] = name.startsWith('-') ? [name.slice(1), -1] : [name, 1]
    return sum + sign * (known.get(field)?.[row] ?? 0)
  }, 0)
}

const lengthOf = (column: Column): number => ('words' in column ? column.at : column.hundredths).length
