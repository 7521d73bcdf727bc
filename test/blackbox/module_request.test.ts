import { describe, expect, test } from 'vitest'
import {
  firstRequest,
  nextRequest,
  shownTarget,
  targetOf,
  targetUrl,
} from '../../src/blackbox/module_request.ts'
import { probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { answerBytes, say, startRawServer } from '../support/servers/raw_server.ts'
import { tempDir } from '../support/temp_dir.ts'

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

const target = targetOf('https://me:pw@shop.example.org/app/in', undefined)
if (target === undefined) throw new Error('no target')

const redirected = (method: string, status: number, location: string) =>
  nextRequest(firstRequest(target, method), status, location, target)

test.each([
  [301, 'POST', 'GET', false],
  [302, 'PUT', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [307, 'POST', 'POST', true],
  [308, 'PUT', 'PUT', true],
])('after %d, %s becomes %s', (status, method, next, withBody) => {
  expect(redirected(method, status, '/x')).toMatchObject({ method: next, withBody })
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
  const next = redirected('GET', 302, location)
  if (next === undefined) throw new Error('no request')
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
    expect(redirected('GET', 302, location)).toBeUndefined()
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

async function requestFor(path: string, http: Readonly<Record<string, unknown>>, credentials = '') {
  await using server = await startRawServer(say(answerBytes()))
  const { log } = await probeOnDemand(`http://${credentials}127.0.0.1:${server.port}${path}`, { http })
  const request = (server.requests[0] ?? '').replaceAll(String(server.port), 'PORT')
  return { request: request.replace(/farmprobe\/[\d.]+/, 'farmprobe/V').replaceAll('\r\n', '\n'), log }
}

describe('a request', () => {
  test('is no more than the exporter sends', async () => {
    expect((await requestFor('/a?b', {})).request).toBe(
      'GET /a?b HTTP/1.1\nHost: 127.0.0.1:PORT\nUser-Agent: farmprobe/V\nConnection: close\n\n',
    )
  })

  test('carries what the module has', async () => {
    await using dir = await tempDir()
    const file = await dir.write('token', 'from a file\n')
    const http = {
      method: 'POST',
      body: 'grüße',
      headers: { 'user-agent': 'me', Host: 'shop.example.org:81', 'Content-Length': '1' },
      http_headers: { 'X-More': { values: ['one'], secrets: ['two'], files: [file] } },
      authorization: { type: 'Token', credentials_file: file },
    }
    expect((await requestFor('/', http)).request).toBe(
      [
        'POST / HTTP/1.1',
        'Host: shop.example.org:81',
        'Authorization: Token from a file',
        'user-agent: me',
        'X-More: one',
        'X-More: two',
        'X-More: from a file',
        'Connection: close',
        'Content-Length: 7',
        '',
        Buffer.from('grüße').toString('latin1'),
      ].join('\n'),
    )
  })

  test('carries the credentials of the URL, which no log line shows', async () => {
    const { request, log } = await requestFor('/', {}, 'me:hu%40sh@')
    expect(request).toContain(`Authorization: Basic ${Buffer.from('me:hu@sh').toString('base64')}\n`)
    expect(log).not.toContain('hu%40sh')
  })

  test('is not made when a file that it needs is not there', async () => {
    const { metrics, log } = await probeOnDemand('http://127.0.0.1:1/', {
      http: { bearer_token_file: '/no/such/token' },
    })
    expect(metrics).toMatchObject({ probe_success: 0, probe_ip_protocol: 4 })
    expect(log).toContain('err="the file /no/such/token cannot be read: no such file"')
  })
})
