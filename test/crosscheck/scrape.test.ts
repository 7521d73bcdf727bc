import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Exposition, scrape } from '../../src/crosscheck/scrape.ts'
import type { Crosscheck } from '../../src/model/farm.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { secureContext } from '../../src/runtime/secure_context.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { startFullListener } from '../support/servers/full_listener.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { answerBytes, type Play, say, sayAndStay, startRawServer } from '../support/servers/raw_server.ts'

const settings: Crosscheck = {
  exporter: true,
  scheme: 'http',
  port: 9182,
  path: '/metrics?collect[]=iis',
  pools: ['shop'],
  intervalMs: 15_000,
  timeoutMs: 5000,
  toleranceMs: 0,
  tls: { insecure: false, minVersion: 'TLSv1.2' },
  exceptions: [],
}

const never = new AbortController().signal

function ask(port: number, different: Partial<Crosscheck> = {}, signal = never): Promise<Exposition> {
  const all = { ...settings, ...different }
  const context = all.scheme === 'https' ? secureContext(all.tls) : undefined
  return scrape({ host: '127.0.0.1', port, settings: all, context }, systemClock, signal)
}

/** What comes of a server that does this; afterwards its connection has to be closed. */
async function answerOf(play: Play, different: Partial<Crosscheck> = {}): Promise<Exposition> {
  await using server = await startRawServer(play)
  const answer = await ask(server.port, different)
  await server.deserted()
  return answer
}

const metrics = 'windows_iis_current_worker_processes{app="shop"} 1\n'

test('asks once, for text that is not compressed, with what was configured', async () => {
  await using server = await startRawServer(say(answerBytes(metrics)))
  expect(await ask(server.port, { authorization: 'Bearer t0ken' })).toEqual({ text: metrics })
  expect(server.requests).toHaveLength(1)
  const [line, ...headers] = server.requests[0]?.toLowerCase().split('\r\n') ?? []
  expect(line).toBe('get /metrics?collect[]=iis http/1.1')
  expect(headers).toEqual(
    expect.arrayContaining([
      'accept: text/plain;version=0.0.4',
      'accept-encoding: identity',
      'authorization: bearer t0ken',
      'connection: close',
      'x-prometheus-scrape-timeout-seconds: 5',
    ]),
  )
  expect(headers.filter((header) => header.startsWith('x-farmprobe'))).toEqual([])
})

const drip: Play = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
  const timer = setInterval(() => socket.write('x'), 20)
  socket.on('close', () => clearInterval(timer))
}

describe('an exporter that does not do what it should', () => {
  const elsewhere = ['Location: http://127.0.0.1:1/metrics']
  test.each<[string, Play, string]>([
    ['refuses', say(answerBytes('no', [], '401 Unauthorized')), 'it answered 401'],
    ['fails', say(answerBytes('no', [], '500 Internal Server Error')), 'it answered 500'],
    [
      'leads elsewhere',
      say(answerBytes('', elsewhere, '302 Found')),
      'it answered 302: redirects are not followed',
    ],
    [
      'compresses',
      say(answerBytes(gzipSync('x'.repeat(1e7)), ['Content-Encoding: gzip'])),
      'its answer is compressed, although no compression was offered',
    ],
    ['is no web server', say('220 mail.example.org ESMTP\r\n'), 'it does not speak HTTP'],
    ['closes', say(''), 'it broke off the connection'],
    ['resets', (socket) => socket.resetAndDestroy(), 'it broke off the connection'],
    [
      'is cut off',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwindows'),
      'it broke off the connection',
    ],
    [
      'sends headers without end',
      say(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1e6)}`),
      'its headers are too long',
    ],
  ])('%s', async (_what, play, why) => {
    expect(await answerOf(play)).toEqual({ why })
  })

  test('sends more than 8 MiB', async () => {
    let sent = 0
    const answer = await answerOf((socket) => {
      const piece = Buffer.alloc(65_536, 'x')
      const more = () => {
        while (!socket.destroyed && socket.write(piece));
      }
      socket.on('drain', more).on('close', () => (sent = socket.bytesWritten))
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n')
      more()
    })
    expect(answer).toEqual({ why: 'its answer is longer than 8 MiB' })
    expect(sent).toBeLessThan(32 * 2 ** 20)
  })

  test.each<[string, Play]>([
    ['does not answer', () => {}],
    ['does not end its headers', sayAndStay('HTTP/1.1 200 OK\r\nX: ')],
    ['does not end its answer', sayAndStay('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwindows')],
  ])('%s', async (_what, play) => {
    const startedMs = performance.now()
    expect(await answerOf(play, { timeoutMs: 150 })).toEqual({ why: 'it did not answer within 150ms' })
    expect(performance.now() - startedMs).toBeLessThan(2000)
  })

  test('drips one byte after the other', async () => {
    expect(await answerOf(drip, { timeoutMs: 300 })).toEqual({ why: 'it did not answer within 300ms' })
  })
})

test('a refused connection and one that is never accepted have different reasons', async () => {
  expect(await ask(await freePort())).toEqual({ why: 'nothing listens there' })
  await using full = await startFullListener()
  const startedMs = performance.now()
  expect(await ask(full.port, { timeoutMs: 200 })).toEqual({ why: 'it did not answer within 200ms' })
  expect(performance.now() - startedMs).toBeLessThan(2000)
})

test('a name leads to its first address, and never to where clouds serve credentials', async () => {
  await using server = await startRawServer(say(answerBytes(metrics)))
  const { port } = server
  const named = (...addresses: string[]) =>
    scrape(
      {
        host: 'web01.test',
        port,
        settings,
        context: undefined,
        resolve: (_name, done) =>
          done(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          ),
      },
      systemClock,
      never,
    )
  expect(await named('127.0.0.1', '169.254.169.254')).toEqual({ text: metrics })
  expect(await named('169.254.169.254', '127.0.0.1')).toEqual({
    why: 'its name leads to 169.254.169.254, a link-local address, where clouds serve credentials',
  })
  expect(await named()).toEqual({ why: 'the name has no address' })
  expect(server.connections).toBe(1)
})

test('aborting leaves no connection behind', async () => {
  const stop = new AbortController()
  await using server = await startRawServer(() => stop.abort())
  await expect(ask(server.port, {}, stop.signal)).rejects.toThrow('aborted')
  await server.deserted()
})

test('a certificate must be for the address, and be trusted', async () => {
  const ca = await makeCertificate({ names: ['farmprobe test CA'], ca: true })
  const good = await makeCertificate({ names: [], ips: ['127.0.0.1'], by: ca })
  const other = await makeCertificate({ names: ['web01.example.org'], by: ca })
  const tls = { insecure: false, minVersion: 'TLSv1.2', ca: ca.cert } as const
  const answer = say(answerBytes(metrics))
  await using server = await startRawServer(answer, { tls: good })
  await using stranger = await startRawServer(answer, { tls: other })
  expect(await ask(server.port, { scheme: 'https', tls })).toEqual({ text: metrics })
  const told = await ask(stranger.port, { scheme: 'https', tls })
  expect(told).toEqual({ why: expect.stringContaining("IP: 127.0.0.1 is not in the cert's list") })
  const untrusted = await ask(server.port, { scheme: 'https', tls: { ...settings.tls } })
  expect(untrusted).toEqual({ why: expect.stringMatching(/certificate/) })
  const anyOne = { ...tls, insecure: true }
  expect(await ask(stranger.port, { scheme: 'https', tls: anyOne })).toEqual({ text: metrics })
})
