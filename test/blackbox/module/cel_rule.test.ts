import { expect, test } from 'vitest'
import { compileJsonRule, jsonProblem } from '../../../src/blackbox/module/cel_rule.ts'

test.each([
  [`body.name.matches('(?i)WELCOME')`, true],
  [String.raw`body.name.matches(r'\x{6c}come\z')`, true],
  [`body.list.exists(each, each.matches('^b+$'))`, true],
  [`'x.matches('.size() == 10 && !body.name.matches(body.list[0])`, true],
  [`body.name.matches('back')`, false],
])('%s is %s', (source, is) => {
  const text = JSON.stringify({ name: 'welcome', list: ['a+', 'bbb'] })
  expect(jsonProblem(text, source, is)).toBe(`the expression is ${is}`)
})

test('what RE2 does not have is refused with the rule, or where the expression comes from the body', () => {
  expect(compileJsonRule(`body.name.matches('a(?=b)')`)).toBe(
    'not a regular expression: look-ahead, (?=, which RE2 does not have; list what must be there and what must not be there as expressions of their own',
  )
  expect(jsonProblem('{"a":"(a)\\\\1"}', `'aa'.matches(body.a)`, true)).toContain(
    'not a regular expression: a back reference',
  )
})

test('an expression that would never end elsewhere does', () => {
  const text = JSON.stringify({ name: `${'a'.repeat(100_000)}!` })
  expect(jsonProblem(text, `body.name.matches('^(a+)+$')`, false)).toBe('the expression is false')
})
