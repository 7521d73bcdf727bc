import { once } from 'node:events'
import { request } from 'node:https'
import { connect } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Protection } from '../../src/web/guard/protection.ts'
import type { Limits } from '../../src/web/guard/standard_limits.ts'
import type { Web } from '../../src/web/web_server.ts'
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts'
import { loopbackWeb } from '../support/web/loopback_web.ts'

const loopback = '127.0.0.1'
const none: Protection = { headers: {}, users: new Map() }
const alice: Protection = { ...none, users: new Map([['alice', hashSync('correct horse', 4)]]) }

let server: Certificate
let authority: Certificate
let client: Certificate
let stranger: Certificate
beforeAll(async () => {
  authority = await makeCertificate({ names: ['our authority'], ca: true })
  server = await makeCertificate({ names: ['farmprobe.example.org'] })
  client = await makeCertificate({ names: ['prometheus.example.org'], by: authority })
  stranger = await makeCertificate({ names: ['prometheus.example.org'] })
})

/** A server whose protection can be changed. */
async function start(first: Protection, limits: Partial<Limits> = {}) {
  let present = first
  const keptOut: string[] = []
  const web = await loopbackWeb({
    ports: { reload: () => Promise.resolve(true) },
    protection: { first, current: () => Promise.resolve(present) },
    limits,
    onRejection: (why) => keptOut.push(why),
  })
  return { web, keptOut, change: (next: Protection) => (present = next) }
}

const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

describe('with users', () => {
  test.each([
    ['GET', '/'],
    ['GET', '/metrics'],
    ['GET', '/-/healthy'],
    ['GET', '/-/ready'],
    ['GET', '/config'],
    ['GET', '/sd'],
    ['GET', '/api/v1/stream'],
    ['GET', '/nothing'],
    ['HEAD', '/metrics'],
    ['POST', '/-/reload'],
    ['OPTIONS', '*'],
  ])('%s %s needs a password', async (method, path) => {
    const { web } = await start(alice)
    const response = await fetch(new URL(path, web.url), { method })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="farmprobe", charset="UTF-8"',
    ])
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await response.text()).toBe(method === 'HEAD' ? '' : 'A user name and a password are needed.\n')
  })

  test.each([
    ['the right one', basic('alice', 'correct horse'), 200],
    [
      'the right one, the scheme in another case',
      { Authorization: basic('alice', 'correct horse').Authorization.replace('Basic', 'bAsIC') },
      200,
    ],
    ['another one', basic('alice', 'battery'), 401],
    ['the right one of another user', basic('bob', 'correct horse'), 401],
    ['no password', { Authorization: `Basic ${btoa('alice')}` }, 401],
    ['nothing', { Authorization: 'Basic ' }, 401],
    ['what is no Base64', { Authorization: 'Basic ~~~' }, 401],
    ['a token', { Authorization: 'Bearer alice' }, 401],
  ])('%s gets its answer', async (_what, headers, status) => {
    const { web, keptOut } = await start(alice)
    expect((await fetch(`${web.url}/-/healthy`, { headers })).status).toBe(status)
    expect(keptOut.map((why) => why.replace('no_', ''))).toEqual(status === 200 ? [] : ['password'])
  })

  test('a change of the users holds from the next request on, on the same connection too', async () => {
    const { web, change } = await start(alice)
    const status = async () =>
      (await fetch(`${web.url}/-/healthy`, { headers: basic('alice', 'correct horse') })).status
    expect(await status()).toBe(200)
    change({ ...none, users: new Map([['bob', hashSync('battery', 4)]]) })
    expect(await status()).toBe(401)
    change(none)
    expect(await status()).toBe(200)
  })
})

test('configured headers are on every response, in the place of ours', async () => {
  const { web, change } = await start({
    ...none,
    headers: { 'X-Frame-Options': 'sameorigin', 'X-XSS-Protection': '0' },
  })
  for (const path of ['/', '/nothing', '/metrics']) {
    const { headers } = await fetch(web.url + path)
    expect([headers.get('x-frame-options'), headers.get('x-xss-protection')]).toEqual(['sameorigin', '0'])
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  }
  change(none)
  expect((await fetch(web.url)).headers.get('x-frame-options')).toBe('DENY')
})

test('a rate limit answers 429 before anybody is asked for a password', async () => {
  const { web, keptOut } = await start({ ...alice, rateLimit: { intervalMs: 3_600_000, burst: 2 } })
  const statuses = []
  for (let i = 0; i < 4; i++) statuses.push((await fetch(`${web.url}/-/healthy`)).status)
  expect(statuses).toEqual([401, 401, 429, 429])
  expect(keptOut).toEqual(['no_password', 'no_password', 'rate', 'rate'])
})

type ClientAuth = NonNullable<Protection['tls']>['clientAuth']

const overTls = (
  clientAuth: ClientAuth = 'NoClientCert',
  more: Partial<NonNullable<Protection['tls']>> = {},
): Protection => ({
  ...none,
  tls: {
    context: { cert: server.cert, key: server.key, ca: authority.cert },
    http2: true,
    clientAuth,
    ...more,
  },
})

/** The status of an answer over TLS, or `refused`. */
function get({ port }: Web, options: ConnectionOptions = {}): Promise<number | 'refused'> {
  return new Promise((resolve) => {
    const asked = request(
      {
        host: loopback,
        port,
        path: '/-/healthy',
        ca: server.cert,
        servername: 'farmprobe.example.org',
        agent: false,
        ...options,
      },
      (response) => resolve(response.resume().statusCode ?? 0),
    )
    asked.on('error', () => resolve('refused'))
    asked.end()
  })
}

describe('over TLS', () => {
  test('says https, answers, and does not speak plain HTTP', async () => {
    const { web } = await start(overTls())
    expect(web.url).toBe(`https://127.0.0.1:${web.port}`)
    expect(await get(web)).toBe(200)
    await expect(fetch(`http://127.0.0.1:${web.port}/metrics`)).rejects.toThrow('fetch failed')
  })

  test.each([
    ['NoClientCert', 200, 200, 200],
    ['RequestClientCert', 200, 200, 200],
    ['RequireAnyClientCert', 'refused', 200, 200],
    ['VerifyClientCertIfGiven', 200, 'refused', 200],
    ['RequireAndVerifyClientCert', 'refused', 'refused', 200],
  ] as const)(
    '%s lets in: nobody known %s, a stranger %s, our own client %s',
    async (clientAuth, unnamed, strange, own) => {
      const { web, keptOut } = await start(overTls(clientAuth))
      const { cert, key } = client
      expect(await get(web)).toBe(unnamed)
      expect(await get(web, { cert: stranger.cert, key: stranger.key })).toBe(strange)
      expect(await get(web, { cert, key })).toBe(own)
      const refused = [unnamed, strange, own].filter((outcome) => outcome === 'refused')
      expect(keptOut).toEqual(refused.map(() => 'certificate'))
    },
  )

  test.each([
    [['prometheus.example.org'], 200],
    [['other.example.org', 'prometheus.example.org'], 200],
    [['*.example.org'], 'refused'],
    [['PROMETHEUS.example.org'], 'refused'],
    [[], 'refused'],
  ] as const)('clients whose certificate names one of %j: %s', async (allowedSans, outcome) => {
    const { web } = await start(overTls('RequireAndVerifyClientCert', { allowedSans }))
    const { cert, key } = client
    expect(await get(web, { cert, key })).toBe(outcome)
  })

  test('versions outside the span are refused', async () => {
    const context = {
      cert: server.cert,
      key: server.key,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
    } as const
    const { web } = await start({ ...none, tls: { context, clientAuth: 'NoClientCert', http2: true } })
    expect(await get(web, { minVersion: 'TLSv1.3' })).toBe('refused')
    expect(await get(web, { maxVersion: 'TLSv1.2' })).toBe(200)
  })

  test('a renewed certificate is shown from the next connection on, and open ones go on', async () => {
    const { web, change } = await start(overTls())
    const shown = async () => {
      const socket = connectTls({ host: loopback, port: web.port, rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      return { socket, fingerprint: socket.getPeerCertificate().fingerprint256 }
    }
    const old = await shown()
    const renewed = await makeCertificate({ names: ['farmprobe.example.org'] })
    change({
      ...none,
      tls: { context: { cert: renewed.cert, key: renewed.key }, clientAuth: 'NoClientCert', http2: true },
    })
    const next = await shown()
    expect(next.fingerprint).not.toBe(old.fingerprint)
    expect(await healthyOn(old.socket)).toMatch(/^HTTP\/1\.1 200 /)
    next.socket.destroy()
    old.socket.destroy()
  })

  test('another rule for clients holds from the next connection on', async () => {
    const { web, change } = await start(overTls())
    expect(await get(web)).toBe(200)
    change(overTls('RequireAndVerifyClientCert'))
    expect(await get(web)).toBe('refused')
    expect(await get(web, { cert: client.cert, key: client.key })).toBe(200)
  })

  test('protection that vanishes does not take TLS off', async () => {
    const { web, change } = await start(overTls())
    change(none)
    expect(await get(web)).toBe(200)
    await expect(fetch(`http://127.0.0.1:${web.port}/`)).rejects.toThrow('fetch failed')
  })

  test('a handshake that does not go on is ended', async () => {
    const { web } = await start(overTls(), { handshakeMs: 500 })
    const socket = connect(web.port, loopback)
    socket.on('error', () => undefined)
    await once(socket, 'close')
    expect(await get(web)).toBe(200)
  })

  test('of one client sixteen handshakes are under way at most, and another client waits for none of them', async () => {
    const { web } = await start(overTls())
    const silent = Array.from({ length: 16 }, () => connect(web.port, loopback).on('error', () => undefined))
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    const shake = (localAddress: string) =>
      connectTls({
        socket: connect({ port: web.port, host: loopback, localAddress }),
        rejectUnauthorized: false,
      })
    const late = shake(loopback)
    let isDone = false
    const done = once(late, 'secureConnect').then(() => (isDone = true))
    const other = shake('127.7.0.1')
    await once(other, 'secureConnect')
    expect(isDone).toBe(false)
    silent[7]?.destroy()
    await done
    for (const socket of [...silent, late, other]) socket.destroy()
  })

  test('headers that come a byte now and then end the connection', async () => {
    const { web } = await start(overTls(), { headersMs: 200, requestMs: 400, checkEveryMs: 20 })
    const socket = connectTls({ host: loopback, port: web.port, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    socket.write('GET /metrics HTTP/1.1\r\nX-Slow: ')
    const drip = setInterval(() => socket.write('x'), 20)
    socket.on('error', () => undefined)
    socket.on('close', () => clearInterval(drip))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /)
    await new Promise((resolve) => socket.on('close', resolve))
  })

  test('a connection in the middle of its handshake does not hold up the end', async () => {
    const { web } = await start(overTls())
    const socket = connect(web.port, loopback)
    await once(socket, 'connect')
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    await web.close()
    await expect(closed).resolves.toBeDefined()
  })
})

async function healthyOn(socket: TLSSocket): Promise<string> {
  socket.write('GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [head] = (await once(socket, 'data')) as [Buffer]
  return head.toString()
}
