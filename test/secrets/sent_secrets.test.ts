import { expect, test } from 'vitest'
import type { Check } from '../../src/model/farm.ts'
import { sentSecrets } from '../../src/secrets/sent_secrets.ts'
import { orderFor } from '../support/probes/probe_once.ts'

const checkWith = (check: Partial<Check>): Check => orderFor({ port: 80, check }).check

const basic = `Basic ${Buffer.from('user:hunter2!').toString('base64')}`

test.each<[string, Partial<Check>, string]>([
  ['the Authorization', { authorization: basic }, basic],
  ['its credentials', { authorization: basic }, basic.slice(6)],
  ['the user and the password in it', { authorization: basic }, 'user:hunter2!'],
  ['the password alone', { authorization: basic }, 'hunter2!'],
  ['a token', { authorization: 'Bearer abcdef' }, 'abcdef'],
  [
    'the password of NTLM',
    { windowsAuth: { by: 'ntlm', user: 'probe', domain: 'DOM', password: 'hunter2!' } },
    'hunter2!',
  ],
  ['a header whose name says so', { headers: [['X-Api-Key', 'k-01']] }, 'k-01'],
  ['a long header of any other name', { headers: [['X-Id', 'abcdefghijkl']] }, 'abcdefghijkl'],
  ['each cookie', { headers: [['Cookie', 'a=first; b=second']] }, 'second'],
  ['a parameter of the path', { path: '/x?token=a%2Fbcd#top' }, 'a/bcd'],
  ['the body', { body: '{"pin":"1234"}' }, '{"pin":"1234"}'],
  ['a field of a form in it', { body: 'user=me&password=hunter2!&page=1' }, 'hunter2!'],
  ['a field with a long name', { body: `${'form.'.repeat(50)}password=hunter2!` }, 'hunter2!'],
  ['a field of JSON in it', { body: '{"user":{"password": "hunter 2!"}}' }, 'hunter 2!'],
  ['an element of XML in it', { body: '<wsse:Password Type="#Text">hunter2!</wsse:Password>' }, 'hunter2!'],
])('%s is a secret that a check sends', (_what, check, secret) => {
  expect(sentSecrets(checkWith(check))).toContain(secret)
})

test.each<[string, Partial<Check>]>([
  ['a short header of an ordinary name', { headers: [['X-Forwarded-Proto', 'https']] }],
  ['a header that answers repeat', { headers: [['Accept-Language', 'en-US,en;q=0.9']] }],
])('%s is none', (_what, check) => {
  expect(sentSecrets(checkWith(check))).toEqual([])
})
