import { expect, test } from 'vitest'
import { challengesOf, schemesText } from '../../../src/probe/auth/challenges.ts'

const asked = (...values: string[]) =>
  challengesOf({ headers: values.map((value) => ['WWW-Authenticate', value]) })

test.each([
  [['Negotiate', 'NTLM'], 'Negotiate and NTLM'],
  [['Negotiate, NTLM'], 'Negotiate and NTLM'],
  [['negotiate , ntlm,'], 'Negotiate and NTLM'],
  [['Basic realm="a, NTLM", charset="UTF-8"', 'NTLM'], 'basic and NTLM'],
  [['Digest realm="x \\" , NTLM", nonce=abc, qop="auth"'], 'digest'],
  [[], 'nothing'],
  [['"NTLM'], 'nothing'],
])('%j asks for %s', (values, schemes) => {
  expect(schemesText(asked(...values))).toBe(schemes)
})

test('the data of a handshake under way is read', () => {
  expect(asked('NTLM TlRMTVNTUAAC==', 'Negotiate oYG2', 'Basic realm="x"')).toEqual([
    { scheme: 'ntlm', token: 'TlRMTVNTUAAC==' },
    { scheme: 'negotiate', token: 'oYG2' },
    { scheme: 'basic', token: '' },
  ])
})

test.each([
  ['blanks', `a b${' '.repeat(60_000)}c`],
  ['quotes that end nowhere', '"\\'.repeat(30_000)],
  ['quotes in quotes', `"${'\\"'.repeat(30_000)}`],
  ['commas', ','.repeat(60_000)],
])('%s, as many as a head can hold, are read at once', (_what, value) => {
  const startedMs = performance.now()
  asked(value)
  expect(performance.now() - startedMs).toBeLessThan(500)
})
