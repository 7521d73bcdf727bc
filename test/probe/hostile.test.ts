import type { Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Reason } from '../../src/model/outcome.ts'
import { probeOnce, type Wish } from '../support/probes/probe_once.ts'
import { answerBytes, type Play, say, sayAndStay, startRawServer } from '../support/servers/raw_server.ts'

interface Row {
  readonly server: string
  readonly play: Play
  readonly greet?: (socket: Socket) => void
  readonly wish?: Omit<Wish, 'port'>
  readonly reason: Reason
  readonly detail: RegExp
}

/** Sends a piece again and again for as long as the peer takes it. */
const forever =
  (first: string, piece: string | Buffer): Play =>
  (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(piece)) {}
    }
    socket.on('drain', more)
    socket.write(first)
    more()
  }

/** Sends one byte a millisecond. */
const drip =
  (first: string, byte: string): Play =>
  (socket) => {
    socket.write(first)
    const timer = setInterval(() => socket.write(byte), 1)
    socket.once('close', () => clearInterval(timer))
  }

const megabytes = Buffer.alloc(64 * 1024 * 1024)
const soon = { timeoutMs: 150 }
const reading = { body: { contains: ['Welcome'], maxBytes: 65_536 } }
const ok = 'HTTP/1.1 200 OK\r\n'

const rows: readonly Row[] = [
  {
    server: 'endless headers',
    play: forever(ok, `X: ${'x'.repeat(1000)}\r\n`),
    reason: 'protocol',
    detail: /longer than 65536 bytes/,
  },
  {
    server: 'one endless header',
    play: forever(`${ok}X: `, 'x'.repeat(1000)),
    reason: 'protocol',
    detail: /longer than 65536 bytes/,
  },
  {
    server: 'endless interim answers',
    play: forever('', 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    reason: 'protocol',
    detail: /longer than 65536 bytes/,
  },
  {
    server: 'headers dripping in',
    play: drip(ok, 'x'),
    wish: { check: soon },
    reason: 'first_byte_timeout',
    detail: /did not answer within 150ms/,
  },
  {
    server: 'a body dripping in',
    play: drip(`${ok}\r\n`, 'x'),
    wish: { check: soon },
    reason: 'body_timeout',
    detail: /within 150ms/,
  },
  {
    server: 'endless chunks of one byte',
    play: forever(`${ok}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'.repeat(100)),
    reason: 'too_large',
    detail: /65536 bytes allowed, as sent/,
  },
  {
    server: 'an endless chunk extension',
    play: forever(`${ok}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'.repeat(1000)),
    reason: 'protocol',
    detail: /its chunks or trailers are endless/,
  },
  {
    server: 'endless trailers',
    play: forever(`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`, 'X: y\r\n'),
    reason: 'protocol',
    detail: /its chunks or trailers are endless/,
  },
  {
    server: 'a body of 10 GB',
    play: forever(`${ok}Content-Length: 10737418240\r\n\r\n`, megabytes.subarray(0, 65_536)),
    reason: 'too_large',
    detail: /65536 bytes allowed, as sent/,
  },
  {
    server: 'a chunk of 10 GB',
    play: forever(`${ok}Transfer-Encoding: chunked\r\n\r\n280000000\r\n`, megabytes.subarray(0, 65_536)),
    reason: 'too_large',
    detail: /as sent/,
  },
  {
    server: 'a chunk size beyond counting',
    play: say(`${ok}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(16)}\r\n`),
    reason: 'protocol',
    detail: /the size of a chunk is "f{16}"/,
  },
  {
    server: 'a negative chunk',
    play: say(`${ok}Transfer-Encoding: chunked\r\n\r\n-1\r\n`),
    reason: 'protocol',
    detail: /the size of a chunk is "-1"/,
  },
  {
    server: 'a chunk longer than its size',
    play: say(`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n`),
    reason: 'protocol',
    detail: /"yz" follows a chunk, not its end/,
  },
  {
    server: 'a trailer that is no header',
    play: say(`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nWelcome\r\n\r\n`),
    reason: 'protocol',
    detail: /its trailer "Welcome" is no header/,
  },
  {
    server: 'a gzip bomb',
    play: say(answerBytes(gzipSync(megabytes), ['Content-Encoding: gzip'])),
    wish: reading,
    reason: 'too_large',
    detail: /65536 bytes allowed, decompressed/,
  },
  {
    server: 'a brotli bomb',
    play: say(answerBytes(brotliCompressSync(megabytes), ['Content-Encoding: br'])),
    wish: reading,
    reason: 'too_large',
    detail: /decompressed/,
  },
  {
    server: 'a deflate bomb',
    play: say(answerBytes(deflateSync(megabytes), ['Content-Encoding: deflate'])),
    wish: reading,
    reason: 'too_large',
    detail: /decompressed/,
  },
  {
    server: 'a raw deflate bomb',
    play: say(answerBytes(deflateRawSync(megabytes), ['Content-Encoding: deflate'])),
    wish: reading,
    reason: 'too_large',
    detail: /decompressed/,
  },
  {
    server: 'a zstd bomb',
    play: say(answerBytes(zstdCompressSync(megabytes), ['Content-Encoding: zstd'])),
    wish: reading,
    reason: 'too_large',
    detail: /decompressed/,
  },
  {
    server: 'a bomb in a bomb',
    play: say(answerBytes(gzipSync(gzipSync(megabytes)), ['Content-Encoding: gzip, gzip'])),
    wish: reading,
    reason: 'too_large',
    detail: /decompressed/,
  },
  {
    server: 'layer upon layer',
    play: say(answerBytes('x', ['Content-Encoding: gzip, br, gzip, br'])),
    wish: reading,
    reason: 'protocol',
    detail: /Content-Encoding says/,
  },
  {
    server: 'gzip that is none',
    play: say(answerBytes('Welcome', ['Content-Encoding: gzip'])),
    wish: reading,
    reason: 'protocol',
    detail: /no valid gzip/,
  },
  {
    server: 'gzip cut short',
    play: say(answerBytes(gzipSync('Welcome').subarray(0, 20), ['Content-Encoding: gzip'])),
    wish: reading,
    reason: 'protocol',
    detail: /no valid gzip/,
  },
  {
    server: 'garbage',
    play: say(Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10])),
    reason: 'protocol',
    detail: /it begins with "\\u0000/,
  },
  {
    server: 'HTTP/0.9',
    play: say('<html>Welcome</html>'),
    reason: 'protocol',
    detail: /it begins with "<html>/,
  },
  {
    server: 'HTTP/2',
    play: say('HTTP/2 200 OK\r\n\r\n'),
    reason: 'protocol',
    detail: /it begins with "HTTP\/2/,
  },
  {
    server: 'a status of two digits',
    play: say('HTTP/1.1 20 OK\r\n\r\n'),
    reason: 'protocol',
    detail: /it begins with "HTTP\/1\.1 20 OK/,
  },
  {
    server: 'a blank before the colon',
    play: say(`${ok}Content-Length : 0\r\n\r\n`),
    reason: 'protocol',
    detail: /"Content-Length " is no name of a header/,
  },
  {
    server: 'a null in a header',
    play: say(`${ok}X: a\0b\r\n\r\n`),
    reason: 'protocol',
    detail: /its header "X" has no value, or a null or bare carriage return in it/,
  },
  {
    server: 'a header without a colon',
    play: say(`${ok}Welcome\r\n\r\n`),
    reason: 'protocol',
    detail: /its header "Welcome" has no value/,
  },
  {
    server: 'two Content-Lengths',
    play: say(`${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`),
    reason: 'protocol',
    detail: /its Content-Length is both "1" and "2"/,
  },
  {
    server: 'a Content-Length that is no number',
    play: say(`${ok}Content-Length: +7\r\n\r\nWelcome`),
    reason: 'protocol',
    detail: /its Content-Length is "\+7", no number/,
  },
  {
    server: 'both framings, which differ',
    play: say(`${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    reason: 'protocol',
    detail: /its Content-Length is 5, and its chunks hold 0 bytes/,
  },
  {
    server: 'an unknown framing',
    play: say(`${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`),
    reason: 'protocol',
    detail: /not chunked/,
  },
  {
    server: 'a change of protocol',
    play: say('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'),
    reason: 'protocol',
    detail: /nobody asked for/,
  },
  {
    server: 'a second answer',
    play: say(Buffer.concat([answerBytes(), answerBytes()])),
    reason: 'protocol',
    detail: /more data follows its end/,
  },
  {
    server: 'a body after a 204',
    play: say('HTTP/1.1 204 No Content\r\n\r\nWelcome'),
    reason: 'protocol',
    detail: /more data follows/,
  },
  {
    server: 'a body in answer to HEAD',
    play: say(answerBytes()),
    wish: { check: { method: 'HEAD' } },
    reason: 'protocol',
    detail: /more data follows/,
  },
  {
    server: 'an answer before the request',
    play: () => {},
    greet: (socket) => void socket.end(answerBytes()),
    reason: 'ok',
    detail: /^$/,
  },
  {
    server: 'a banner before the request',
    play: () => {},
    greet: (socket) => void socket.write('220 mail.example.org ESMTP\r\n'),
    reason: 'protocol',
    detail: /it begins with "220 mail/,
  },
  {
    server: 'a redirect to itself',
    play: say(answerBytes('', ['Location: /'], '302 Found')),
    wish: { check: { redirects: 'pinned' } },
    reason: 'redirect',
    detail: /for more than 10 times/,
  },
]

test.each(rows)('$server ends as $reason', async ({ play, greet, wish, reason, detail }) => {
  await using server = await startRawServer(play, greet ? { greet } : {})
  const outcome = await probeOnce({ port: server.port, ...wish })
  expect(outcome.detail).toMatch(detail)
  expect(outcome.reason).toBe(reason)
  const hops = reason === 'redirect' ? 11 : 1
  expect(server.connections).toBe(hops)
  expect(server.requests.length).toBeLessThanOrEqual(hops)
  // Whatever the peer still has to say, nobody listens: the connection is gone.
  await server.deserted()
})

test('an empty line after the body is an old habit and forgiven', async () => {
  await using server = await startRawServer(say(Buffer.concat([answerBytes(), Buffer.from('\r\n')])))
  expect(await probeOnce({ port: server.port })).toMatchObject({ reason: 'ok', bodyBytes: 7 })
})

test('a compressed bomb is not unpacked when its text is not needed', async () => {
  const bomb = answerBytes(gzipSync(megabytes.subarray(0, 1 << 20)), ['Content-Encoding: gzip'])
  await using server = await startRawServer(say(bomb))
  expect(await probeOnce({ port: server.port })).toMatchObject({ reason: 'ok' })
})

test('an answer is not held back by a peer that stays connected', async () => {
  await using server = await startRawServer(sayAndStay(answerBytes()))
  const outcome = await probeOnce({ port: server.port })
  expect(outcome.reason).toBe('ok')
  await server.deserted()
})
