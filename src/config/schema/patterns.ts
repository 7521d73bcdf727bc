/** Regular expressions and lists of texts. */
import type { Expression } from '../../model/farm.ts'
import { compileRegexp } from '../../runtime/regexp.ts'
import { type Part, value, type Wrong } from './part.ts'
import { fromText, readLine, readText } from './scalars.ts'

export const readExpression = fromText((written, wrong): Expression | undefined => {
  const compiled = compileRegexp(written)
  return 'what' in compiled ? wrong(compiled.what, compiled.right) : written
})

export const pattern: Part<Expression> = value({
  json: { type: 'string' },
  kind: 'regular expression',
  right: 'write an expression in the syntax of RE2, such as "pid=(\\\\d+)"',
  read: (raw, wrong) => readExpression(raw, (what, right) => wrong(what, right)),
})

interface ItemRules<T> {
  readonly kind: string
  readonly right: string
  readonly read: (raw: unknown, wrong: Wrong) => T | undefined
}

/** One value, written as a text, or a list of them. */
export const listOf = <T>({ read, ...rules }: ItemRules<T>): Part<readonly T[]> =>
  value({
    ...rules,
    json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    read: (raw, wrong) => each(raw, wrong, read),
  })

const ofTexts = { kind: 'texts', right: 'write a text, or a list of texts in brackets' }

export const texts = listOf({
  ...ofTexts,
  read: (raw, wrong) => (raw === '' ? wrong('empty') : readText(raw, wrong)),
})

export const oneLineTexts = listOf({ ...ofTexts, read: readLine })

export const patterns = listOf({ kind: 'regular expressions', right: pattern.right, read: readExpression })

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
