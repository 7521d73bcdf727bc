import { expect, test } from 'vitest'
import { concealKept, evidenceOf } from '../../src/probe/evidence.ts'
import type { Header } from '../../src/probe/exchange/answer.ts'

const nothingSent = { headers: [], path: '/' }
const answer = (...headers: readonly Header[]) => ({ statusText: 'Oops', headers })

test('a secret that is longer than what is kept leaves no part of it', () => {
  const token = `eyJ${'0123456789abcdef'.repeat(190)}`
  const sent = { ...nothingSent, authorization: `Bearer ${token}` }
  const kept = evidenceOf(answer(['X-Echo', token], [`X-${token}`, 'x']), `${'x'.repeat(1500)}${token}`, sent)
  expect(kept).toEqual({
    statusText: 'Oops',
    headers: [
      ['X-Echo', '<secret>'],
      ['X-<secret>', 'x'],
    ],
    bodyStart: `${'x'.repeat(1500)}<secret>`,
  })
})

test.each([
  ['sid=0123456789; Path=/; HttpOnly', 'sid=<secret>; Path=/; HttpOnly'],
  ['0123456789', '<secret>'],
  ['0123456789; Path=/', '<secret>; Path=/'],
  ['=0123456789', '=<secret>'],
  ['a=b=c', 'a=<secret>'],
])('of the cookie %s is kept %s', (written, shown) => {
  expect(evidenceOf(answer(['Set-Cookie', written]), '', nothingSent).headers).toEqual([
    ['Set-Cookie', shown],
  ])
})

test('the value of a cookie is kept nowhere, whichever answer on the way set it', () => {
  const first = answer(['Set-Cookie', 'sid=0123456789'])
  const last = answer(['X-Session', '0123456789'], ['Set-Cookie', 'abcdefghij; Secure'])
  const conceal = concealKept(nothingSent, [last, first])
  expect(evidenceOf(last, 'your session is 0123456789, or abcdefghij', nothingSent, conceal)).toEqual({
    statusText: 'Oops',
    headers: [
      ['X-Session', '<secret>'],
      ['Set-Cookie', '<secret>; Secure'],
    ],
    bodyStart: 'your session is <secret>, or <secret>',
  })
})
