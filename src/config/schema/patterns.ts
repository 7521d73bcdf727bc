/** Regular expressions and lists of texts. */

import { type Part, value, type Wrong } from './part.ts'
import { readText } from './scalars.ts'

const patternRight = 'write a JavaScript regular expression, such as "pid=(\\\\d+)"'

export const pattern: Part<RegExp> = value({
  json: { type: 'string' },
  kind: 'regular expression',
  right: patternRight,
  read: (raw, wrong) => compile(raw, (what, right) => wrong(what, right)),
})

export function compile(raw: unknown, wrong: Wrong): RegExp | undefined {
  const written = readText(raw, wrong)
  if (written === undefined) return undefined
  if (/^\(\?[a-z]+\)/.test(written))
    return wrong('not a regular expression', 'put flags around what they are for: (?i:welcome)')
  try {
    return new RegExp(written)
  } catch (error) {
    // The engine's message repeats the expression, which ours shows anyway, or must not show.
    const why = (error as Error).message.replace(/^.*\/[a-z]*: /s, '').toLowerCase()
    return wrong(`not a regular expression (${why})`, patternRight)
  }
}

const oneOrMore = (kind: string) => ({
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  kind,
})

/** One text or a list of them. */
export const texts: Part<readonly string[]> = value({
  ...oneOrMore('texts'),
  right: 'write a text, or a list of texts in brackets',
  read: (raw, wrong) =>
    each(raw, wrong, (item, wrongItem) => (item === '' ? wrongItem('empty') : readText(item, wrongItem))),
})

/** One regular expression or a list of them. */
export const patterns: Part<readonly RegExp[]> = value({
  ...oneOrMore('regular expressions'),
  right: patternRight,
  read: (raw, wrong) => each(raw, wrong, compile),
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
