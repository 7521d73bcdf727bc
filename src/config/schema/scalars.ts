/** The plain values of a configuration: texts, numbers, durations, sizes, choices. */
import { longestName } from '../../model/farm.ts'
import { parseDurationMs } from '../../runtime/duration.ts'
import { isPrintable } from '../../runtime/printable.ts'
import { type Part, value, type Wrong } from './part.ts'

/** A reference to the environment, whose value an editor cannot know. */
const fromEnvironment = { type: 'string', pattern: '\\$\\{' }

/** Any text. A number or boolean meant as text needs quotes; otherwise 1.10 would silently become 1.1. */
export function text(right: string, options: { secret?: boolean; kind?: string } = {}): Part<string> {
  return value({
    json: { type: 'string' },
    kind: options.kind ?? 'text',
    right,
    secret: options.secret ?? false,
    read: (raw, wrong) => (raw === '' ? wrong('empty') : readText(raw, wrong)),
  })
}

/** A text without line breaks and other control characters. */
export function oneLine(right: string): Part<string> {
  return value({ json: { type: 'string', minLength: 1 }, kind: 'text', right, read: readLine })
}

export function readLine(raw: unknown, wrong: Wrong): string | undefined {
  const written = raw === '' ? wrong('empty') : readText(raw, wrong)
  return written === undefined || isPrintable(written) ? written : wrong(`a text with ${invisible}`)
}

const invisible = 'a control character or a mark of text direction'

export function readText(raw: unknown, wrong: Wrong): string | undefined {
  if (typeof raw === 'string') return raw
  const scalar = typeof raw === 'number' || typeof raw === 'boolean'
  return scalar ? wrong('not a text', 'put it in quotes') : wrong('not a text')
}

/** Reads a text; `parse` gives what it means, or finds it wrong. */
export const fromText =
  <T>(parse: (written: string, wrong: Wrong) => T | undefined) =>
  (raw: unknown, wrong: Wrong): T | undefined => {
    const written = readText(raw, wrong)
    return written === undefined ? undefined : parse(written, wrong)
  }

/** The same with a parser that says in words what is wrong. */
export const parsed = <T extends object>(parse: (written: string) => T | string) =>
  fromText((written, wrong) => {
    const found = parse(written)
    return typeof found === 'string' ? wrong(found) : found
  })

export const readName = fromText((given, wrong) => {
  if (!isPrintable(given)) return wrong(`a name with ${invisible}`)
  if (given.trim() !== given || given === '') return wrong('a name that is empty or has blanks around it')
  return given.length > longestName ? wrong(`a name of ${given.length} characters`) : given
})

/** A name of a farm, node or check: it becomes a label value. */
export const name: Part<string> = value({
  json: { type: 'string', minLength: 1, maxLength: longestName },
  kind: 'name',
  right: `write 1 to ${longestName} printable characters`,
  read: readName,
})

export function integer({ min, max }: { min: number; max: number }): Part<number> {
  return value({
    json: { anyOf: [{ type: 'integer', minimum: min, maximum: max }, fromEnvironment] },
    kind: 'number',
    right: `write a whole number from ${min} to ${max}`,
    read: (raw, wrong) => {
      const number = typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw
      if (!Number.isInteger(number)) return wrong('not a whole number')
      const given = number as number
      return given < min || given > max ? wrong('out of range') : given
    },
  })
}

export const flag: Part<boolean> = value({
  json: { anyOf: [{ type: 'boolean' }, fromEnvironment] },
  kind: 'true or false',
  right: 'write true or false',
  read: (raw, wrong) => {
    if (raw === true || raw === 'true') return true
    return raw === false || raw === 'false' ? false : wrong('neither true nor false')
  },
})

export const portNumber = integer({ min: 1, max: 65_535 })

/** `off`, as YAML and the environment spell it, in place of a mapping such as `example`. */
export const off = (what: string, example: string): Part<false> =>
  value({
    json: { enum: [false, 'off'] },
    kind: '`off`',
    right: `write off, or a mapping such as ${example}`,
    read: (raw, wrong) => (raw === false || raw === 'off' || raw === 'false' ? false : wrong(`not ${what}`)),
  })

export function choice<const T extends string>(values: readonly T[]): Part<T> {
  return value({
    json: { anyOf: [{ enum: values }, fromEnvironment] },
    kind: values.map((each) => `\`${each}\``).join(' or '),
    right: `write ${values.join(' or ')}`,
    read: (raw, wrong) => values.find((each) => each === raw) ?? wrong('not one of the choices'),
  })
}

export const scheme = choice(['http', 'https'])

export function duration({ min, max = '3650d' }: { min: string; max?: string }): Part<number> {
  const [minMs, maxMs] = [parseDurationMs(min) ?? 0, parseDurationMs(max) ?? 0]
  return value({
    json: { type: 'string', pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$|\\$\\{' },
    kind: 'duration',
    right: 'write a number and a unit, such as 250ms, 5s, 30m, 29h or 7d',
    read: (raw, wrong) => {
      const ms = typeof raw === 'string' ? parseDurationMs(raw) : undefined
      if (ms === undefined) return wrong('not a duration')
      if (ms < minMs) return wrong('too short', `write ${min} or more`)
      return ms > maxMs ? wrong('too long', `write ${max} or less`) : ms
    },
  })
}

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** A number or a text as it was written; empty for anything else. */
export const written = (raw: unknown): string =>
  typeof raw === 'number' || typeof raw === 'string' ? String(raw) : ''

/** More than this would not fit into one string of the program. */
const mostBytes = 256 * 2 ** 20

export const size: Part<number> = value({
  json: {
    anyOf: [
      { type: 'integer', minimum: 0, maximum: mostBytes },
      { type: 'string', pattern: '^\\d+(\\.\\d+)?(B|kB|KB|MB|GB|KiB|MiB|GiB)?$|\\$\\{' },
    ],
  },
  kind: 'size',
  right: 'write a number of bytes, or one with a unit, such as 64KiB, 1MiB or 10MB',
  read: (raw, wrong) => {
    const [, amount, unit = 'B'] = /^(\d+(?:\.\d+)?)(B|kB|KB|MB|GB|KiB|MiB|GiB)?$/.exec(written(raw)) ?? []
    if (amount === undefined) return wrong('not a size')
    const bytes = Number(amount) * (unitBytes[unit] ?? 1)
    if (!Number.isInteger(bytes)) return wrong('not a whole number of bytes')
    return bytes > mostBytes ? wrong('too large', 'write 256MiB or less') : bytes
  },
})
