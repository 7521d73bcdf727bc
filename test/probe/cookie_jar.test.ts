import { expect, test } from 'vitest'
import { createCookieJar, valueSet, withCookie } from '../../src/probe/cookie_jar.ts'

const nowMs = Date.parse('2026-02-03T04:05:06Z')

function pairs(set: readonly string[], from: string, to: string): string {
  const jar = createCookieJar(nowMs)
  jar.keep(
    new URL(from),
    set.map((value) => ['Set-Cookie', value] as const),
  )
  return jar.headerFor(new URL(to))
}

const shop = 'http://www.shop.example.org/app/in'

test.each([
  ['goes back', ['a=1', 'b=2; Path=/'], shop, 'a=1; b=2'],
  ['only to its path', ['a=1', 'b=2; Path=/other', 'c=3; Path=/ap'], 'http://www.shop.example.org/', ''],
  ['only to its host', ['a=1'], 'http://shop.example.org/app/', ''],
  ['to its domain', ['a=1; Domain=shop.example.org'], 'http://api.shop.example.org/app/x', 'a=1'],
  ['not for a domain that is not its own', ['a=1; Domain=example.net', 'b=2; Domain=org'], shop, ''],
  [
    'not for a domain that ends alike',
    ['a=1; Domain=shop.example.org'],
    'http://evilshop.example.org/app/',
    '',
  ],
  ['over TLS only', ['a=1; Secure'], shop, ''],
  ['over TLS', ['a=1; Secure'], 'https://www.shop.example.org/app/', 'a=1'],
  ['not when it has expired', ['a=1; Expires=Tue, 03 Feb 2026 04:05:05 GMT'], shop, ''],
  ['until it expires', ['a=1; Expires=Tue, 03 Feb 2026 04:05:07 GMT'], shop, 'a=1'],
  ['not when it was removed', ['a=1', 'a=; Max-Age=0'], shop, ''],
  ['with its last value', ['a=1', 'a=2=3'], shop, 'a=2=3'],
  ['when it is one', ['=1', 'novalue', '; Path=/'], shop, ''],
] as const)('a cookie goes %s', (_how, set, to, sent) => {
  expect(pairs(set, shop, to)).toBe(sent)
})

test('the cookies of the check are sent until an answer sets or removes one of their names, and not everywhere', () => {
  const jar = createCookieJar(nowMs, 'mine=1; old=2')
  const url = new URL(shop)
  expect(jar.headerFor(url)).toBe('mine=1; old=2')
  jar.keep(url, [
    ['Set-Cookie', 'old=; Max-Age=0'],
    ['set-cookie', 'new=3'],
  ])
  expect([jar.headerFor(url), jar.headerFor(url, false)]).toEqual(['mine=1; new=3', 'new=3'])
})

test.each([
  ['set last', ['a=1; Path=/', 'b=2', 'a=3; HttpOnly'], '3'],
  ['with an equals sign in it', ['a=x=y'], 'x=y'],
  ['of another name', ['b=1', 'A=1'], undefined],
  ['removed by its age', ['a=1; Max-Age=0'], undefined],
  ['removed by its date', ['a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], undefined],
  ['empty', ['a=; Path=/'], undefined],
  ['longer than browsers keep', [`a=${'x'.repeat(5000)}`], undefined],
])('the value of a cookie that is %s', (_how, set, value) => {
  const headers = set.map((each) => ['set-cookie', each] as const)
  expect(valueSet(headers, 'a', nowMs)).toBe(value)
})

test('a Cookie header takes one cookie more, or another value of it', () => {
  expect(withCookie('', 'a', '1')).toBe('a=1')
  expect(withCookie('b=2', 'a', '1')).toBe('b=2; a=1')
  expect(withCookie('a=0; b=2;a=9', 'a', '1')).toBe('b=2; a=1')
})
