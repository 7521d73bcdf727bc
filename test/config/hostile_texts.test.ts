import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseText, problemsOf } from '../support/files/config_text.ts'

describe('hostile texts are refused quickly', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi'])
    bomb.push(`${to}: &${to} [${Array.from({ length: 9 }, () => `*${from}`).join(',')}]`)

  test.each([
    [
      'aliases that unfold',
      bomb.join('\n'),
      'f.yaml:1:1: more than 200000 values, counting each use of an alias; write fewer',
    ],
    [
      'more values than any configuration has',
      `a: [${'1,'.repeat(600_001)}]`,
      'f.yaml:1:1: more than 600000 values; write fewer',
    ],
    ['an alias of itself', 'farms: &a [*a]', 'f.yaml:1:1: nested more than 50 levels deep'],
    [
      'depth by indentation',
      Array.from({ length: 60 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'f.yaml:1:1: nested more than 50 levels deep',
    ],
  ])(
    '%s',
    async (_name, text, problems) => {
      expect(await problemsOf(text)).toBe(problems)
    },
    120_000,
  )

  test('depth by brackets, beyond what the parser can follow', async () => {
    expect(await problemsOf('['.repeat(100_000))).toMatch(
      /^f\.yaml:1:\d+: nested too deeply; no configuration needs more than a few levels$/,
    )
  })
})

/** Keys and values near to what a configuration has, so that deep parts of it are reached. */
const key = fc.constantFrom(
  ...'web journal defaults farms name url nodes address scheme discover dns file path identity header json'.split(
    ' ',
  ),
  ...'maintenance cron timezone for checks interval timeout burst expect status body contains match tls'.split(
    ' ',
  ),
  ...'auth basic bearer username password headers warming min_bytes ca_file __proto__ constructor'.split(' '),
)
const scalar = fc.oneof(
  fc.constantFrom(
    '5s',
    'https://a.example',
    '/',
    '${A}',
    '${',
    '$$',
    '200-399',
    '10.0.0.1:80',
    '* * * * *',
    'off',
    '(',
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 7, withCrossShrink: true },
    scalar,
    tie('list'),
    tie('mapping'),
    tie('mapping'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  mapping: fc.dictionary(key, tie('value'), { maxKeys: 6 }),
}))

/** Is there an answer to a text: a configuration, or problems with places? */
async function isAnswered(text: string): Promise<boolean> {
  const result = await parseText(text, { env: { A: '${A}' } })
  if (result.ok) return result.config.farms.length > 0
  const places = result.problems.every(
    ({ line, column, message }) => line >= 1 && column >= 1 && message !== '',
  )
  return result.problems.length > 0 && places
}

/** A text without an answer, or one that breaks the parser; null when none was found. */
async function unanswered(text: fc.Arbitrary<string>): Promise<unknown> {
  const { counterexample, errorInstance } = await fc.check(fc.asyncProperty(text, isAnswered), {
    numRuns: 300,
  })
  return counterexample === null ? null : { counterexample, errorInstance }
}

describe('any text is answered', () => {
  test('for any characters', async () => {
    expect(await unanswered(fc.string({ unit: 'grapheme', maxLength: 200 }))).toBeNull()
  })

  test('for characters that mean something to YAML', async () => {
    const unit = fc.constantFrom(...'ab: -[]{}&*!|>\'"%@`#,?\n\t$~0.'.split(''))
    expect(await unanswered(fc.string({ unit, maxLength: 80 }))).toBeNull()
  })

  test('for any structure of known keys', async () => {
    expect(await unanswered(value.map((made) => stringify(made)))).toBeNull()
  })

  test('for any farm', async () => {
    const named = { name: 'a', url: 'https://a.example' }
    const farms = fc.dictionary(key, value, { maxKeys: 6 })
    expect(await unanswered(farms.map((farm) => stringify({ farms: [{ ...named, ...farm }] })))).toBeNull()
  })

  test('for keys that mean something to JavaScript', async () => {
    const text = 'farms:\n  - { name: a, url: "https://a.example", checks: { constructor: { name: {} } } }\n'
    const result = await parseText(text)
    expect(result).toMatchObject({ ok: false, problems: [{ path: 'farms[0].checks' }] })
  })

  test('for a right text that was cut anywhere', async () => {
    const text =
      'farms:\n  - name: a\n    url: https://a.example\n    nodes: [{ name: a, address: 10.0.0.1 }]\n'
    expect(await unanswered(fc.nat(text.length).map((length) => text.slice(0, length)))).toBeNull()
  })
})
