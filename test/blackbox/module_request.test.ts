import { expect, test } from 'vitest'
import { type ModuleRequest, nextRequest, shownTarget, targetUrl } from '../../src/blackbox/module_request.ts'

test.each([
  ['shop.example.org', 'http://shop.example.org/'],
  ['shop.example.org:8080/x', 'http://shop.example.org:8080/x'],
  ['HTTPS://Shop.Example.org', 'https://shop.example.org/'],
  ['http://shop.example.org/a/../b?c#d', 'http://shop.example.org/b?c'],
  ['[::1]:80', 'http://[::1]/'],
  ['invalid://x', 'http://invalid//x'],
  ['http://', undefined],
  ['http://a:0/', undefined],
  ['a b', undefined],
  ['//', undefined],
])('the target "%s" is %s', (target, url) => {
  expect(targetUrl(target)?.href).toBe(url)
})

const asked = (method: string, url = 'https://me:pw@shop.example.org/app/in'): ModuleRequest => ({
  url: new URL(url),
  method,
  withBody: true,
  pinned: true,
  trusted: true,
  referer: '',
})

const own = new Set(['shop.example.org'])

test.each([
  [301, 'POST', 'GET', false],
  [302, 'PUT', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [307, 'POST', 'POST', true],
  [308, 'PUT', 'PUT', true],
])('after %d, %s becomes %s', (status, method, next, withBody) => {
  expect(nextRequest(asked(method), status, '/x', own)).toMatchObject({ method: next, withBody })
})

test.each([
  [
    '/x',
    {
      href: 'https://me:pw@shop.example.org/x',
      pinned: true,
      trusted: true,
      referer: 'https://shop.example.org/app/in',
    },
  ],
  [
    'x?y#z',
    {
      href: 'https://me:pw@shop.example.org/app/x?y',
      pinned: true,
      trusted: true,
      referer: 'https://shop.example.org/app/in',
    },
  ],
  [
    'http://shop.example.org/',
    { href: 'http://shop.example.org/', pinned: true, trusted: false, referer: '' },
  ],
  [
    '//other.example.org/',
    {
      href: 'https://other.example.org/',
      pinned: false,
      trusted: false,
      referer: 'https://shop.example.org/app/in',
    },
  ],
])('the Location %s', (location, { href, pinned, trusted, referer }) => {
  const next = nextRequest(asked('GET'), 302, location, own)
  if (typeof next === 'string') throw new Error(next)
  expect({ href: next.url.href, pinned: next.pinned, trusted: next.trusted, referer: next.referer }).toEqual({
    trusted,
    href,
    pinned,
    referer,
  })
})

test.each(['ftp://shop.example.org/', 'javascript:alert(1)', 'http://', 'http://a:0/'])(
  'no Location: %s',
  (location) => {
    expect(nextRequest(asked('GET'), 302, location, own)).toBe('it leads to no URL of HTTP')
  },
)

test.each([
  ['http://me:p@ss@a.example.org/x?token=abc&b=c', 'http://<secret>@a.example.org/x?token=<secret>&b=c'],
  ['me:pass@a.example.org', 'http://<secret>@a.example.org/'],
  ['a.example.org/x', 'a.example.org/x'],
  ['a b', 'a b'],
])('the target "%s" is shown as %s', (target, shown) => {
  expect(shownTarget(target)).toBe(shown)
})
