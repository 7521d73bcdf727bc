import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { text } from 'node:stream/consumers'
import { connect as connectTls, type SecureContextOptions, type TLSSocket } from 'node:tls'
import { queryObjects } from 'node:v8'
import { hashSync } from 'bcryptjs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import type { Protection } from '../../src/web/guard/protection.ts'
import type { Limits } from '../../src/web/guard/standard_limits.ts'
import { createLive } from '../../src/web/live/live.ts'
import type { Ports } from '../../src/web/web_ports.ts'
import type { Web } from '../../src/web/web_server.ts'
import { eventually } from '../support/eventually.ts'
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts'
import { rapidReset } from '../support/servers/rapid_reset.ts'
import { endlessMetrics, loopbackWeb } from '../support/web/loopback_web.ts'

let pair: Certificate
let client: Certificate
beforeAll(async () => {
  pair = await makeCertificate({ names: ['farmprobe.example.org'], ca: true })
  client = await makeCertificate({ names: ['prometheus.example.org'], by: pair })
})

const sessions: ClientHttp2Session[] = []
/** A session that is refused in the handshake ends without its connection. */
const sockets: TLSSocket[] = []
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy()
  for (const socket of sockets.splice(0)) socket.destroy()
})

interface Wish {
  readonly tls?: Partial<NonNullable<Protection['tls']>>
  readonly users?: Protection['users']
  readonly limits?: Partial<Limits>
  readonly ports?: Partial<Ports>
}

function start({ tls, users = new Map(), limits = {}, ports = {} }: Wish = {}): Promise<Web> {
  const context = { cert: pair.cert, key: pair.key, ca: pair.cert }
  const first: Protection = {
    headers: { 'X-XSS-Protection': '0' },
    users,
    tls: { context, http2: true, clientAuth: 'NoClientCert', ...tls },
  }
  return loopbackWeb({
    limits,
    ports: { reload: () => Promise.resolve(true), ...ports },
    protection: { first, current: () => Promise.resolve(first) },
  })
}

function open(web: Web, localAddress = '127.0.0.1', identity: SecureContextOptions = {}): ClientHttp2Session {
  const options = { rejectUnauthorized: false, localAddress, ALPNProtocols: ['h2'], ...identity }
  const socket = connectTls({ host: '127.0.0.1', port: web.port, ...options })
  sockets.push(socket)
  const session = connect(web.url, { createConnection: () => socket })
  session.on('error', () => undefined)
  sessions.push(session)
  return session
}

function ask(
  session: ClientHttp2Session,
  path: string,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request({ ':path': path, ...headers })
  stream.on('error', () => undefined)
  return stream
}

/** The status, the headers and the text of an answer. */
async function get(session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}) {
  const stream = ask(session, path, headers)
  const [answered] = (await once(stream, 'response')) as [Record<string, string | number>]
  return { status: answered[':status'], headers: answered, text: await text(stream) }
}

describe('over HTTP/2', () => {
  test('pages, metrics and refusals come with the same headers', async () => {
    const session = open(await start())
    for (const [path, status] of [
      ['/', 200],
      ['/metrics', 200],
      ['/-/healthy', 200],
      ['/nothing', 404],
    ] as const) {
      const answer = await get(session, path)
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-xss-protection': '0' })
    }
    expect(session.alpnProtocol).toBe('h2')
  })

  test('a password is asked for', async () => {
    const session = open(await start({ users: new Map([['alice', hashSync('x', 4)]]) }))
    expect(await get(session, '/metrics')).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="farmprobe", charset="UTF-8"' },
      text: 'A user name and a password are needed.\n',
    })
    expect((await get(session, '/metrics', { authorization: `Basic ${btoa('alice:x')}` })).status).toBe(200)
    expect((await get(session, '/metrics', { authorization: `Basic ${btoa('alice:y')}` })).status).toBe(401)
  })

  test('a client certificate is asked for, and who has none asks nothing', async () => {
    for (const clientAuth of ['RequireAnyClientCert', 'RequireAndVerifyClientCert'] as const) {
      const web = await start({ tls: { clientAuth, allowedSans: ['prometheus.example.org'] } })
      const stream = ask(open(web), '/-/healthy')
      let answered = false
      stream.on('response', () => (answered = true))
      await new Promise((resolve) => stream.on('close', resolve))
      expect(answered).toBe(false)
      const known = open(web, undefined, { cert: client.cert, key: client.key })
      expect((await get(known, '/-/healthy')).status).toBe(200)
    }
  })

  test('can be switched off', async () => {
    const web = await start({ tls: { http2: false } })
    const socket = connectTls({
      port: web.port,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    await once(socket, 'secureConnect')
    expect(socket.alpnProtocol).toBe('http/1.1')
    socket.destroy()
  })

  test('what happens is streamed until the page is left', async () => {
    const live = createLive(systemClock)
    const session = open(await start({ ports: { live } }))
    const stream = ask(session, '/api/v1/stream')
    const [piece] = (await once(stream, 'data')) as [Buffer]
    expect(piece.toString()).toContain('retry: 1000')
    expect(live.broadcast.count()).toBe(1)
    stream.close(constants.NGHTTP2_CANCEL)
    expect(
      await eventually(
        'the page being left',
        () => live.broadcast.count(),
        (count) => count === 0,
      ),
    ).toBe(0)
  })
})

describe('a rude client over HTTP/2', () => {
  test('that leaves in the middle of the metrics ends their making', async () => {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    const session = open(await start({ ports: endlessMetrics(resolve) }))
    const stream = ask(session, '/metrics')
    await once(stream, 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    await expect(over).resolves.toBeUndefined()
  })

  test('may have eight scrapes under way on its one connection', async () => {
    const session = open(await start({ ports: endlessMetrics() }))
    const statuses: unknown[] = []
    for (let i = 0; i < 9; i++) {
      const stream = ask(session, '/metrics')
      const [headers] = (await once(stream, 'response')) as [Record<string, number>]
      statuses.push(headers[':status'])
      stream.pause()
    }
    expect(statuses).toEqual([...Array<number>(8).fill(200), 503])
    // GOAWAY: what is under way goes on, and nothing else is taken.
    await eventually('the end', () => session.closed, Boolean)
  })

  test('that takes back what it asks for, at leisure and on many connections, is sent away', async () => {
    const limits = { resets: { burst: 20, intervalMs: 3_600_000 } }
    const web = await start({ limits, ports: endlessMetrics() })
    const crowd = [open(web), open(web)]
    const ends = crowd.map((session) => new Promise((resolve) => session.on('goaway', resolve)))
    for (let round = 0; round < 15; round++)
      for (const session of crowd.filter(({ closed, destroyed }) => !closed && !destroyed)) {
        const stream = ask(session, '/metrics')
        const over = new Promise((resolve) => stream.once('close', resolve))
        await Promise.race([over, new Promise((resolve) => stream.once('data', resolve))])
        stream.close(constants.NGHTTP2_CANCEL)
        await over
      }
    expect(await Promise.all(ends)).toEqual([
      constants.NGHTTP2_ENHANCE_YOUR_CALM,
      constants.NGHTTP2_ENHANCE_YOUR_CALM,
    ])
    expect((await get(open(web, '127.0.0.2'), '/-/healthy')).status).toBe(200)
  })

  test('that announces a gigabyte is refused', async () => {
    const session = open(await start())
    const stream = session.request({
      ':path': '/-/reload',
      ':method': 'POST',
      'content-length': '1073741824',
    })
    stream.on('error', () => undefined)
    const [headers] = (await once(stream, 'response')) as [Record<string, number>]
    expect(headers[':status']).toBe(413)
  })

  test('that says nothing after the handshake is ended', async () => {
    const web = await start({ limits: { stalledMs: 100 } })
    const session = open(web)
    await once(session, 'connect')
    await once(session, 'close')
    expect((await get(open(web), '/-/healthy')).status).toBe(200)
  })

  test('leaves nothing of a connection in memory once it is closed, whoever closes it', async () => {
    const web = await start({ limits: { resets: { burst: 0, intervalMs: 3_600_000 } } })
    const come = async (leave: (session: ClientHttp2Session) => unknown) => {
      const session = open(web)
      await get(session, '/-/healthy')
      const closed = new Promise((resolve) => session.once('close', resolve))
      leave(session)
      await closed
      sessions.splice(0)
      sockets.splice(0)
      return Object.getPrototypeOf(session.constructor) as typeof Object
    }
    const Session = await come((session) => session.close())
    const count = () => queryObjects(Session, { format: 'count' })
    const before = count()
    for (let round = 0; round < 5; round++) {
      await come((session) => session.destroy())
      await come((session) => ask(session, '/-/healthy').close(constants.NGHTTP2_CANCEL))
    }
    const after = await eventually('the others to be gone', count, (now) => now <= before)
    expect(after).toBeLessThanOrEqual(before)
  })

  test('that asks and takes it back, again and again, is ended, and others get their answer', async () => {
    const web = await start()
    const flood = connectTls({ port: web.port, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    flood.on('error', () => undefined)
    await once(flood, 'secureConnect')
    flood.resume()
    flood.write(rapidReset(20_000))
    const ended = new Promise((resolve) => flood.on('close', resolve))
    expect((await get(open(web), '/-/healthy')).status).toBe(200)
    await ended
    expect((await get(open(web), '/-/healthy')).status).toBe(200)
  })
})
