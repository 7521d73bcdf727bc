import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { createApp } from '../../src/web/routes.ts'
import { quietLog } from '../support/quiet_log.ts'
import { sampleApp, samplePorts } from '../support/web/sample_web.ts'

const failing = () => {
  throw new Error('a defect')
}

describe('/metrics', () => {
  test('passes the Accept header on and sends what comes of it', async () => {
    const response = await sampleApp().request('/metrics', { headers: { Accept: 'text/plain' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4')
    expect(response.headers.get('Vary')).toBe('Accept, Accept-Encoding')
    expect(await response.text()).toBe('accept text/plain\n')
  })

  test.each([
    ['gzip', 'gzip'],
    ['deflate, GZIP;q=0.5', 'gzip'],
    ['*', 'gzip'],
    ['gzip, zstd;q=0', 'gzip'],
    ['deflate, gzip, br, ZSTD', 'zstd'],
  ])('is compressed for Accept-Encoding: %s with %s', async (accepted, coding) => {
    const response = await sampleApp().request('/metrics', { headers: { 'Accept-Encoding': accepted } })
    expect(response.headers.get('Content-Encoding')).toBe(coding)
    const decompress = coding === 'zstd' ? zstdDecompressSync : gunzipSync
    expect(decompress(await response.arrayBuffer()).toString()).toBe('accept undefined\n')
  })

  test.each(['identity', 'br', 'gzip;q=0', '*, gzip;q=0'])(
    'is plain for Accept-Encoding: %s',
    async (accepted) => {
      const response = await sampleApp().request('/metrics', { headers: { 'Accept-Encoding': accepted } })
      expect(response.headers.get('Content-Encoding')).toBeNull()
      expect(await response.text()).toBe('accept undefined\n')
    },
  )
})

describe('health', () => {
  test('is good while the process answers', async () => {
    const response = await sampleApp({ isReady: () => false }).request('/-/healthy')
    expect([response.status, await response.text()]).toEqual([200, 'farmprobe is healthy.\n'])
  })

  test('is ready once probes are made', async () => {
    expect((await sampleApp().request('/-/ready')).status).toBe(200)
    expect((await sampleApp({ isReady: () => false }).request('/-/ready')).status).toBe(503)
  })
})

describe('/-/reload', () => {
  const post = { method: 'POST' }

  test('is refused with a sentence unless it is enabled', async () => {
    const response = await sampleApp().request('/-/reload', post)
    expect(response.status).toBe(403)
    expect(await response.text()).toBe(
      'Reloading over HTTP is not enabled: start farmprobe with --web.enable-lifecycle.\n',
    )
  })

  test('says whether the configuration was good', async () => {
    expect((await sampleApp({ reload: async () => true }).request('/-/reload', post)).status).toBe(200)
    const bad = await sampleApp({ reload: async () => false }).request('/-/reload', post)
    expect([bad.status, await bad.text()]).toEqual([
      500,
      'The configuration is bad, so the old one stays in use; the log lists its problems.\n',
    ])
  })

  test.each([
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'http://evil.test' },
    { Origin: 'http://localhost:8080' },
    { Origin: 'null' },
  ])('cannot be made by a page of another site through a visitor’s browser: %j', async (headers) => {
    let reloads = 0
    const reload = async () => ++reloads > 0
    for (const method of ['POST', 'PUT'])
      expect((await sampleApp({ reload }).request('/-/reload', { method, headers })).status).toBe(403)
    expect(reloads).toBe(0)
  })

  test.each([{}, { Origin: 'http://localhost' }, { 'Sec-Fetch-Site': 'none' }])(
    'can be made by tools and by our own page, with POST and PUT: %j',
    async (headers) => {
      for (const method of ['POST', 'PUT']) {
        const app = sampleApp({ reload: async () => true })
        expect((await app.request('/-/reload', { method, headers })).status).toBe(200)
      }
    },
  )
})

describe('other methods', () => {
  test.each([
    ['POST', '/metrics', 'GET, HEAD'],
    ['DELETE', '/', 'GET, HEAD'],
    ['PUT', '/api/v1/farms', 'GET, HEAD'],
    ['GET', '/-/reload', 'POST, PUT'],
    ['GET', '/api/v1/maintenance', 'POST'],
    ['DELETE', '/api/v1/marks', 'GET, HEAD, POST'],
  ])('%s %s is refused, and %s is named', async (method, path, allowed) => {
    const response = await sampleApp({ reload: async () => true }).request(path, { method })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, allowed])
  })

  test.each(['/', '/metrics', '/-/healthy', '/config', '/sd'])(
    'HEAD %s answers without a body',
    async (path) => {
      const response = await sampleApp().request(path, { method: 'HEAD' })
      expect([response.status, await response.text()]).toEqual([200, ''])
    },
  )
})

test.each(['/metrics/', '/-/healthy/', '/api/v1/farms/'])('%s is the same with a slash', async (path) => {
  expect((await sampleApp().request(path)).status).toBe(200)
})

describe('security headers', () => {
  test.each([
    [200, '/', {}],
    [200, '/metrics', {}],
    [404, '/nothing/here', {}],
    [405, '/metrics', { method: 'POST' }],
    [403, '/-/reload', { method: 'POST' }],
    [500, '/config', {}],
  ])('are on a %i of %s', async (status, path, request) => {
    const response = await sampleApp({ config: failing }).request(path, request)
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': [
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:",
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "require-trusted-types-for 'script'; trusted-types 'none'",
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
  })

  test('a defect is logged, and not shown to the client', async () => {
    const { log, lines } = quietLog()
    const broken = createApp({
      ports: samplePorts({ config: failing }),
      version: '1',
      clock: systemClock,
      log,
    })
    const body = await (await broken.request('/config')).text()
    expect(body).toBe('farmprobe failed to answer; its log says why.\n')
    expect(lines.join('')).toContain('a defect')
  })
})

/** Where a reverse proxy serves the page: it cuts the path off. */
const below = 'http://page/below/a/path/'

/** The path that the proxy asks for, for what the page at that path names. */
function pathBelow(name: string, from = ''): string {
  const { href } = new URL(name, below + from.slice(1))
  expect(href.startsWith(below)).toBe(true)
  return href.slice(below.length - 1)
}

describe('the page', () => {
  test('is HTML that loads nothing but our own files, below any path', async () => {
    const response = await sampleApp().request('/')
    const page = await response.text()
    expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
    const loaded = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, url = '']) => pathBelow(url))
    for (const url of loaded) expect([url, (await sampleApp().request(url)).status]).toEqual([url, 200])
    expect(loaded).toContain('/assets/page.js')
    expect(page).not.toMatch(/<style|style=|<script>|\son\w+=/)
  })

  test('its modules are JavaScript, and import only what is served', async () => {
    const app = sampleApp()
    const seen = new Set(['/assets/page.js'])
    for (const path of seen) {
      const response = await app.request(path)
      expect([path, response.status]).toEqual([path, 200])
      expect(response.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8')
      const text = await response.text()
      expect(text).not.toMatch(/^(interface|type|import type) /m)
      for (const [, name = ''] of text.matchAll(/(?:\bfrom|\bimport)[\s(]*["']([^"'\n]+)["']/g))
        seen.add(pathBelow(name, path))
    }
    expect([...seen]).toContain('/assets/packages/preact/hooks.js')
    expect([...seen]).toContain('/assets/charts/use_chart.js')
  })

  test.each([
    '/assets/page.js',
    '/assets/style/base.css',
    '/assets/packages/uplot.js',
    '/assets/style/icon_bad.svg',
  ])('%s is compressed where the client takes that', async (path) => {
    const zipped = await sampleApp().request(path, { headers: { 'Accept-Encoding': 'br, gzip' } })
    const plain = await sampleApp().request(path, { headers: { 'Accept-Encoding': 'gzip;q=0' } })
    expect(zipped.headers.get('Content-Encoding')).toBe('gzip')
    expect(gunzipSync(await zipped.arrayBuffer()).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true)
  })

  test('no other file can be had', async () => {
    for (const path of [
      '/assets/',
      '/assets/page_files.ts',
      '/assets/..%2fapp.ts',
      '/assets/page.ts',
      '/assets/tsconfig.json',
      '/assets/packages/preact.ts',
    ])
      expect([path, (await sampleApp().request(path)).status]).toEqual([path, 404])
  })
})
