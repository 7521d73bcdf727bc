import { array, assert, constantFrom, property } from 'fast-check'
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

describe('the time that an expression takes grows with the text and no faster', () => {
  // Each takes a backtracking engine longer than a test may run on a text of this length.
  const kB = 64
  const texts = [
    ' '.repeat(kB * 1024),
    'a'.repeat(kB * 1024),
    'ab'.repeat(kB * 512),
    '<a b="'.repeat(kB * 171),
  ]
  test.each([
    String.raw`\s+$`,
    '(a+)+$',
    '(a|aa)+$',
    '(.*)*x$',
    '^(a?){30}a{30}$',
    '([a-z]+)*=',
    '(?:a|b|ab)*c',
    String.raw`^(([a-z])+.)+[A-Z]([a-z])+$`,
    String.raw`(\w+\s?)*$`,
    '(?s)<.*>.*</.*>',
  ])('%s', (source) => {
    const expression = compiled(source)
    const startedMs = performance.now()
    for (const text of texts) {
      expression.test(`${text}!`)
      expression.find(`${text}!`)
    }
    const bytes = texts.reduce((sum, text) => sum + text.length, 0)
    expect(performance.now() - startedMs).toBeLessThan(bytes * 0.02 + 500)
  })
})
