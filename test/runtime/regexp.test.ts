import { array, assert, constantFrom, property, tuple } from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { compileRegexp, createRegexps, type Regexp } from '../../src/runtime/regexp.ts'

function compiled(source: string): Regexp {
  const found = compileRegexp(source)
  if ('what' in found) throw new Error(found.what)
  return found
}

test.each([
  ['(?i)welcome', 'WELCOME', true],
  ['(?i:wel)come', 'WELcome', true],
  ['(?i:wel)come', 'WELCOME', false],
  ['(?i)straße', 'STRAßE', true],
  ['^b$', 'a\nb', false],
  ['(?m)^b$', 'a\nb', true],
  ['a.b', 'a\nb', false],
  ['(?s)a.b', 'a\nb', true],
  ['^.$', '🦊', true],
  [String.raw`^\d$`, '٣', false],
  [String.raw`^\p{N}$`, '٣', true],
  [String.raw`^\p{Greek}+$`, 'Ωμέγα', true],
  [String.raw`\x{1F98A}`, 'a 🦊', true],
  ['', '', true],
  ['Exception|Stack trace', 'a Stack trace', true],
  ['Exception|Stack trace', 'a stack trace', false],
  ['a|', 'b', true],
  ['a b', 'a  b', false],
])('%s on %s: %s', (source, text, matches) => {
  expect(compiled(source).test(text)).toBe(matches)
})

test.each([
  [String.raw`pid=(\d+)`, 'a pid=4711 b pid=1', '4711'],
  ['started', 'it started', 'started'],
  ['x|(y)', 'x', 'x'],
  ['nowhere', 'x', undefined],
  ['(?i)PID=(?P<pid>[^,]*)', 'pid=é🦊,', 'é🦊'],
])('%s finds in %s: %s', (source, text, found) => {
  expect(compiled(source).find(text)).toBe(found)
})

test('texts to choose from are found as RE2 finds them, in any case', () => {
  const letters = constantFrom('k', 'K', '\u212a', 's', 'S', 'ſ', 'i', 'I', 'İ', 'ı', '🦊', '-', ' ', '_')
  const texts = array(constantFrom('ks', 's-K', 'SS', 'i ', 'k', '_i'), { minLength: 1, maxLength: 3 })
  const text = array(letters, { maxLength: 12 }).map((all) => all.join(''))
  const agrees = property(texts, constantFrom('', '(?i)'), text, (parts, flag, searched) => {
    const source = `${flag}${parts.join('|')}`
    const matcher = RE2JS.compile(source).matcher(searched)
    expect(compiled(source).find(searched)).toBe(matcher.find() ? matcher.group() : undefined)
    expect(compiled(source).test(searched)).toBe(RE2JS.compile(source).test(searched))
  })
  assert(agrees, { numRuns: 500 })
})

const isDecided = (written: readonly string[]) => {
  const found = compileRegexp(written.join(''))
  expect('what' in found ? found.right : found.test('a')).not.toBe('')
}

describe('what RE2 does not have is named, with a way out', () => {
  test.each([
    ['a(?=b)', 'look-ahead, (?=', 'list what must be there'],
    ['^(?!.*error).*$', 'look-ahead, (?!', 'list what must be there'],
    ['(?<=a)b', 'look-behind, (?<=', 'list what must be there'],
    ['(?<!a)b', 'look-behind, (?<!', 'list what must be there'],
    [String.raw`(a)\1`, String.raw`a back reference, \1`, 'alternatives'],
    [String.raw`(?<q>a)\k<q>`, String.raw`a back reference, \k`, 'alternatives'],
    ['(?P<q>a)(?P=q)', 'a back reference, (?P=', 'alternatives'],
    ['(?>a+)b', 'an atomic group, (?>', '(?:…)'],
    ['a++b', 'a possessive repetition, ++', 'leave the second + out'],
    [String.raw`\u00e9`, String.raw`an escape of JavaScript, \u`, String.raw`\x{20AC}`],
    [String.raw`end\Z`, String.raw`an escape of Perl, \Z`, String.raw`\z`],
    ['(?x) a', 'a flag, (?x', 'i, m, s and U'],
    ['a{1001}', 'invalid repeat count', '1000'],
    ['(', 'not a regular expression (missing closing ))', 'RE2'],
    [String.raw`\cA`, String.raw`not a regular expression (invalid escape sequence \c)`, 'RE2'],
    ['a{1000}'.repeat(20), 'an expression of 20002 steps, where 10000 are allowed', 'repeat less'],
  ])('%s', (source, what, right) => {
    const problem = compileRegexp(source)
    expect(problem).toEqual({
      what: expect.stringContaining(what) as string,
      right: expect.stringContaining(right) as string,
    })
  })

  test('whatever is written, it is an expression or a problem', () => {
    const pieces = constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{2',
      '}',
      '?',
      '*',
      '+',
      '|',
      '^',
      '$',
      '\\',
      'a',
      'é',
      '🦊',
      '\0',
    )
    assert(property(array(pieces, { maxLength: 20 }), isDecided))
  })
})

test('an expression that is none is refused where it is used', () => {
  expect(() => createRegexps()('(')).toThrow('not a regular expression')
})

/** A text that counts how often a character of it is read. */
class CountedText extends String {
  reads = 0

  override charCodeAt(at: number): number {
    this.reads++
    return super.charCodeAt(at)
  }
}

function readsOf(expression: Regexp, text: string, how: 'test' | 'find'): number {
  const counted = new CountedText(text)
  expression[how](counted as unknown as string)
  return counted.reads
}

describe('the work of an expression grows with the text and no faster', () => {
  /** One engine gives up, the next one begins anew, and each looks at what is around a character. */
  const mostReads = 32
  const short = 400
  /** Of texts of three lengths, searched in both ways: how often a character is read at most. */
  const readsEach = (source: string, unit: string) => {
    const expression = compiled(source)
    const reads = [1, 4, 16].flatMap((factor) => {
      const text = `${unit.repeat(short * factor)}!`
      return [readsOf(expression, text, 'test'), readsOf(expression, text, 'find')].map(
        (count) => count / text.length,
      )
    })
    return reads.reduce((most, each) => Math.max(most, each))
  }

  // Each takes a backtracking engine longer than a test may run.
  test.each([
    [String.raw`\s+$`, ' '],
    ['(a+)+$', 'a'],
    ['(a|aa)+$', 'a'],
    ['(.*)*x$', 'ab'],
    ['^(a?){30}a{30}$', 'a'],
    ['([a-z]+)*=', 'ab'],
    ['(?:a|b|ab)*c', 'ab'],
    [String.raw`^(([a-z])+.)+[A-Z]([a-z])+$`, 'a'],
    [String.raw`(\w+\s?)*$`, 'ab '],
    ['(?s)<.*>.*</.*>', '<a b="'],
  ])('%s on %s, over and over', (source, unit) => {
    expect(readsEach(source, unit)).toBeLessThanOrEqual(mostReads)
  })

  test('so does that of any expression', () => {
    const atom = constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      String.raw`\s`,
      String.raw`\w`,
      '(a|ab)',
      '(?:b*)',
      '^',
      '$',
      String.raw`\b`,
    )
    const times = constantFrom('', '*', '+', '?', '*?', '{2,4}', '{3}')
    const piece = tuple(atom, times).map(([what, often]) => `(?:${what})${often}`)
    const nested = array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => `(${pieces.join('')})`)
    const expression = tuple(nested, times, array(piece, { maxLength: 3 })).map(
      ([group, often, rest]) => `${group}${often}${rest.join('')}`,
    )
    const units = constantFrom('a', ' ', 'ab', 'a b', 'aab')
    const grows = property(expression, units, (source, unit) => {
      expect(readsEach(source, unit)).toBeLessThanOrEqual(mostReads)
    })
    assert(grows, { numRuns: 40 })
  })
})

test('a search that takes too long all the same is given up, and the next one begins anew', () => {
  const expression = compiled('(?:a|b)*a(?:a|b){900}c')
  // No part of it repeats another, so the engine has to follow all of the 900 at once.
  const text = Array.from({ length: 30_000 }, (_, n) => (n * n).toString(2)).join('')
  const ab = text.replaceAll('0', 'a').replaceAll('1', 'b')
  expect(() => expression.test(`${ab}c`)).toThrow(
    `it gave up the search for /(?:a|b)*a(?:a|b){900}c/ in ${ab.length + 1} characters after 250 ms of processor time`,
  )
  expect(expression.test(`a${'ab'.repeat(450)}c`)).toBe(true)
})
