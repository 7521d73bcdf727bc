/** Regular expressions in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax): matching takes linear time. */
import { RE2JS } from 're2js'
import { threadCpuMs } from './clock.ts'
import { searchBudgetMs } from './search_budget.ts'

/** A search throws when it takes longer than `searchBudgetMs` has for its text. */
export interface Regexp {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean
  /** What its first group matches where it first matches, or the whole match where it has no group or that is empty. */
  find(text: string): string | undefined
  /** The instructions that it is compiled to: no character of a text can cost more than all of them. */
  readonly steps: number
}

/** Why a text is no expression, and what to write instead. */
export interface RegexpProblem {
  readonly what: string
  readonly right: string
}

/** Counted repetitions of counted repetitions can be long to write out; no expression for a page comes near this. */
const mostSteps = 10_000

/** So many characters times steps take no long time, whatever the expression does. */
const shortSearch = 2 ** 22

/** Between two looks at the time, the costliest expression takes some 40 ms. */
const readsPerLook = 1024

/** A text that ends its own search in time: the engine reads it character by character, and has no other way out. */
class WatchedText extends String {
  readonly #text: string
  readonly #source: string
  readonly #budgetMs: number
  readonly #untilMs: number
  #reads = 0

  constructor(text: string, source: string, budgetMs: number) {
    super(text)
    this.#text = text
    this.#source = source
    this.#budgetMs = budgetMs
    this.#untilMs = threadCpuMs() + budgetMs
  }

  override charCodeAt(at: number): number {
    if (++this.#reads % readsPerLook === 0 && threadCpuMs() > this.#untilMs)
      throw new Error(
        `it gave up the search for /${this.#source}/ in ${this.#text.length} characters after ${Math.round(this.#budgetMs)} ms of processor time`,
      )
    return this.#text.charCodeAt(at)
  }
}

/** Texts to choose from, in any case where they begin with `(?i)`. */
const plain = /^(\(\?i\))?((?:[\w :,;@"'<>=%&!#~/-]+\|)*[\w :,;@"'<>=%&!#~/-]+)$/

/**
 * The same as an expression of JavaScript, which takes a fraction of the time, where nothing is repeated: at each place of a
 * text it reads no more than the texts are long. Both engines fold cases as Unicode does, so that ſ is an s.
 */
function plainSearch(source: string): RegExp | undefined {
  const [, anyCase, texts] = plain.exec(source) ?? []
  return texts === undefined ? undefined : new RegExp(texts, anyCase === undefined ? 'u' : 'iu')
}

/** An expression, or why it is none. */
export function compileRegexp(source: string): Regexp | RegexpProblem {
  try {
    const compiled = RE2JS.compile(source)
    const steps = compiled.programSize()
    if (steps > mostSteps)
      return {
        what: `an expression of ${steps} steps, where ${mostSteps} are allowed`,
        right: 'repeat less',
      }
    const watched = (text: string, how: 'test' | 'find') =>
      text.length * steps > shortSearch
        ? // RE2JS declares texts as strings, and reads no more of one than its length and its characters.
          (new WatchedText(text, source, searchBudgetMs(how, text.length)) as unknown as string)
        : text
    const search = plainSearch(source)
    if (search) return { steps, test: (text) => search.test(text), find: (text) => search.exec(text)?.[0] }
    return {
      steps,
      test: (text) => compiled.test(watched(text, 'test')),
      find: (text) => firstOf(compiled, watched(text, 'find')),
    }
  } catch (error) {
    return problemOf(source, (error as Error).message)
  }
}

function firstOf(compiled: RE2JS, text: string): string | undefined {
  // A search for groups is many times slower than a test, which mostly says that there is nothing to find.
  if (!compiled.test(text)) return undefined
  const matcher = compiled.matcher(text)
  if (!matcher.find()) return undefined
  const group = compiled.groupCount() > 0 ? matcher.group(1) : null
  return group ?? matcher.group() ?? undefined
}

const elsewhere = 'list what must be there and what must not be there as expressions of their own'
const syntax = 'write an expression in the syntax of RE2'

/** What other engines have and RE2 has not, by how it begins. */
const unsupported: readonly (readonly [begins: RegExp, what: string, right: string])[] = [
  [/^\(\?[=!]/, 'look-ahead', elsewhere],
  [/^\(\?<[=!]/, 'look-behind', elsewhere],
  [/^(?:\\[1-9]|\\k|\(\?P=)/, 'a back reference', 'write the alternatives out'],
  [/^\(\?>/, 'an atomic group', 'write (?:…): RE2 never goes back over what it has read'],
  [
    /^[*+?]\+/,
    'a possessive repetition',
    'leave the second + out: RE2 never goes back over what it has read',
  ],
  [/^\\u/, 'an escape of JavaScript', String.raw`write a character by its number as \x{20AC}`],
  [/^\\Z/, 'an escape of Perl', String.raw`the end of the text is \z`],
  [/^\(\?[A-Za-z](?![<=>])/, 'a flag', 'the flags of RE2 are i, m, s and U, such as (?i)welcome'],
]

/** `message` is the engine's, which quotes the expression from where it stopped, or the part that it did not take. */
function problemOf(source: string, message: string): RegexpProblem {
  const [, why = '', at = ''] = /^(?:error parsing regexp: )?([^`]*?)(?:: `(.*)`)?$/s.exec(message) ?? []
  const rests =
    at === ''
      ? []
      : [...source.matchAll(RegExp(RegExp.escape(at), 'g'))].map(({ index }) => source.slice(index))
  for (const [begins, what, right] of unsupported)
    for (const rest of rests) {
      const [construct] = begins.exec(rest) ?? []
      if (construct !== undefined) return { what: `${what}, ${construct}, which RE2 does not have`, right }
    }
  if (why === 'invalid repeat count') return { what: why, right: 'repeat at most 1000 times in all' }
  return { what: `not a regular expression (${why}${/^\\.$/.test(at) ? ` ${at}` : ''})`, right: syntax }
}

/** A text that is no expression. */
export class BadRegexp extends Error {}

/** Compiles each expression once. Throws BadRegexp. */
export type Compile = (source: string) => Regexp

/** No configuration of a check has as many; rules on JSON may take expressions out of bodies. */
const mostKnown = 1000

export function createRegexps(): Compile {
  const known = new Map<string, Regexp>()
  return (source) => {
    const found = known.get(source) ?? compileRegexp(source)
    if ('what' in found) throw new BadRegexp(`not a regular expression: ${found.what}; ${found.right}`)
    if (known.size >= mostKnown) known.clear()
    known.set(source, found)
    return found
  }
}
