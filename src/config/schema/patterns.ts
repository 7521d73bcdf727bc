/** Regular expressions and lists of texts. */
import type { Expression } from '../../model/farm.ts'
import { compileRegexp } from '../../runtime/regexp.ts'
import { type Part, value, type Wrong } from './part.ts'
import { readLine, readText } from './scalars.ts'

export const pattern: Part<Expression> = value({
  json: { type: 'string' },
  kind: 'regular expression',
  right: 'write an expression in the syntax of RE2, such as "pid=(\\\\d+)"',
  read: (raw, wrong) => readExpression(raw, (what, right) => wrong(what, right)),
})

export function readExpression(raw: unknown, wrong: Wrong): Expression | undefined {
  const written = readText(raw, wrong)
  if (written === undefined) return undefined
  const compiled = compileRegexp(written)
  return 'what' in compiled ? wrong(compiled.what, compiled.right) : written
}

const oneOrMore = (kind: string) => ({
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  kind,
})

const listOf = (readItem: (raw: unknown, wrong: Wrong) => string | undefined): Part<readonly string[]> =>
  value({
    ...oneOrMore('texts'),
    right: 'write a text, or a list of texts in brackets',
    read: (raw, wrong) => each(raw, wrong, readItem),
  })

/** One text or a list of them. */
export const texts = listOf((raw, wrong) => (raw === '' ? wrong('empty') : readText(raw, wrong)))

/** The same, each on one line. */
export const oneLineTexts = listOf(readLine)

/** One regular expression or a list of them. */
export const patterns: Part<readonly Expression[]> = value({
  ...oneOrMore('regular expressions'),
  right: pattern.right,
  read: (raw, wrong) => each(raw, wrong, readExpression),
})

/** Reads a list, or a single value as a list of one. Wrong items are reported at their own places. */
export function each<T>(
  raw: unknown,
  wrong: Wrong,
  read: (item: unknown, wrong: Wrong) => T | undefined,
): readonly T[] | undefined {
  const items: unknown[] = Array.isArray(raw) ? raw : [raw]
  const at = (index: number) => (Array.isArray(raw) ? [index] : [])
  const parsed = items.map((item, index) => read(item, (what, right) => wrong(what, right, at(index))))
  return parsed.some((item) => item === undefined) ? undefined : (parsed as T[])
}
