/**
 * Entries of a log in W3C's form, as IIS and HTTP.sys write them: which fields there are says `#Fields`, and may change
 * inside of a file. Times are UTC; that of a request of IIS is when it ended.
 */

/** Is used again for the next entry. */
export interface W3cEntry {
  /** Wall milliseconds. */
  readonly atMs: number
  has(field: string): boolean
  /** The bytes of a field; empty when it is not logged, or is `-`. */
  text(field: string): string
  /** 0 when it is not logged, or is no number. */
  number(field: string): number
}

export interface W3cReader {
  /** The entry in a line; undefined where there is none. */
  read(text: string, from: number, to: number): W3cEntry | undefined
  /** Fields of any entry so far. */
  readonly fields: ReadonlySet<string>
  /** Lines that are neither an entry nor a comment. */
  readonly damaged: () => number
}

const [hash, blank, zero, dash] = [35, 32, 48, 45]

/** `fields`: those of a file that has no line of its own that says them. */
export function createW3cReader(fields?: readonly string[]): W3cReader {
  const known = new Set(fields)
  let places = placesOf(fields ?? [])
  let width = fields?.length ?? 0
  /** Where each field begins, and after the last one where the next would. */
  let starts = new Int32Array(width + 1)
  let block = ''
  let damaged = 0
  let [dayText, dayMs] = ['', Number.NaN]

  const start = (at: number) => starts[at] as number
  const text = (field: string) => {
    const at = places.get(field)
    if (at === undefined) return ''
    const [from, to] = [start(at), start(at + 1) - 1]
    return to - from === 1 && block.charCodeAt(from) === dash ? '' : block.slice(from, to)
  }
  const entry = {
    atMs: 0,
    has: (field: string) => places.has(field),
    text,
    number(field: string) {
      const at = places.get(field)
      return at === undefined ? 0 : digits(block, start(at), start(at + 1) - 1)
    },
  }

  function readComment(line: string): void {
    const [, name, value = ''] = /^#(\w+):\s*(.*)$/.exec(line) ?? []
    if (name === 'Date') setDay(value.slice(0, 10))
    if (name !== 'Fields') return
    const names = value.trim().split(/\s+/)
    for (const each of names) known.add(each.toLowerCase())
    places = placesOf(names)
    width = names.length
    starts = new Int32Array(width + 1)
  }

  function setDay(day: string): void {
    dayText = day
    dayMs = Date.parse(`${day}T00:00:00Z`)
  }

  /** Whether the line has as many fields as there are. */
  function split(from: number, to: number): boolean {
    starts[0] = from
    let count = 1
    for (let at = block.indexOf(' ', from); at >= 0 && at < to; at = block.indexOf(' ', at + 1)) {
      if (count > width) return false
      starts[count++] = at + 1
    }
    starts[count] = to + 1
    return count === width
  }

  function timeOf(): number {
    const dateAt = places.get('date')
    if (dateAt !== undefined) {
      const from = start(dateAt)
      if (!(block.startsWith(dayText, from) && dayText.length === start(dateAt + 1) - 1 - from))
        setDay(block.slice(from, start(dateAt + 1) - 1))
    }
    const from = start(places.get('time') ?? 0)
    const two = (at: number) => digits(block, from + at, from + at + 2)
    return dayMs + ((two(0) * 60 + two(3)) * 60 + two(6)) * 1000
  }

  return {
    fields: known,
    damaged: () => damaged,
    read(line, from, to) {
      const first = line.charCodeAt(from)
      if (first === hash) readComment(line.slice(from, to))
      if (first === hash || from >= to) return undefined
      block = line
      // A machine that lost its power leaves a run of zeros in the file.
      while (block.charCodeAt(from) === 0) from++
      while (to > from && block.charCodeAt(to - 1) === blank) to--
      if (width > 0 && places.has('time') && split(from, to)) {
        entry.atMs = timeOf()
        if (entry.atMs > 0) return entry
      }
      damaged++
      return undefined
    },
  }
}

const placesOf = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, at) => [name.toLowerCase(), at]))

/** The number that the digits are; 0 where one of them is none. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - zero
    if (!(digit >= 0 && digit <= 9)) return 0
    value = 10 * value + digit
  }
  return value
}
