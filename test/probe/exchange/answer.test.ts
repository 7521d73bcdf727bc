import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { array, assert, asyncProperty, nat, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from '../../../src/model/outcome.ts'
import { runs } from '../../support/files/mutations.ts'
import { content, oddAnswers } from '../../support/probes/odd_answers.ts'
import { never, orderFor, probeOnce, startProber, type Wish } from '../../support/probes/probe_once.ts'
import { type Play, say, sayAndStay, startRawServer } from '../../support/servers/raw_server.ts'

async function probing(play: Play, wish: Omit<Wish, 'port'> = {}): Promise<Outcome> {
  await using server = await startRawServer(play)
  return await probeOnce({ port: server.port, ...wish })
}

/** Writes the pieces so that each arrives on its own, and then, maybe, closes. */
function inPieces(pieces: readonly Buffer[], close = true): Play {
  const write = async (socket: Socket) => {
    socket.setNoDelay(true)
    for (const piece of pieces) {
      socket.write(piece)
      // One turn sends it, and another one has the probe, in this same process, read it.
      await nextTurn()
      await nextTurn()
    }
    if (close) socket.end()
  }
  return (socket) => void write(socket)
}

function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

const samples: readonly string[] = [
  'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nWelcome',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nWel\r\n4;x=y\r\ncome\r\n0\r\nX: y\r\n\r\n',
  'HTTP/1.0 200 OK\r\n\r\nWelcome',
  'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-Worker: w-1\r\n\r\nWelcome',
]

test.each(samples)('%j is read the same however it is cut', async (text) => {
  const same = asyncProperty(array(nat(), { maxLength: 12 }), async (cuts) => {
    const play = inPieces(split(Buffer.from(text), cuts))
    expect(await probing(play, { body: { match: ['^Welcome$'] } })).toMatchObject({
      reason: 'ok',
      bodyBytes: 7,
    })
  })
  await assert(same, { numRuns: 20 })
})

test('a head that comes byte by byte keeps its headers', async () => {
  const bytes = [...Buffer.from(samples[3] as string)].map((byte) => Buffer.of(byte))
  const check = { identity: { header: 'X-Worker' } }
  expect(await probing(inPieces(bytes), { check })).toMatchObject({ reason: 'ok', identity: 'w-1' })
})

const interims: readonly string[] = [
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 100 Continue\r\nX: y\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n',
]

test.each(interims)(
  '%j before the answer is passed over, on its own and in one piece with it',
  async (interim) => {
    const final = samples[0] as string
    const apart = await probing(inPieces([Buffer.from(interim), Buffer.from(final)]))
    const together = await probing(say(interim + final))
    expect([apart, together]).toMatchObject([
      { reason: 'ok', status: 200, bodyBytes: 7 },
      { reason: 'ok', status: 200, bodyBytes: 7 },
    ])
  },
)

test('100 Continue within a body is part of the body', async () => {
  const body = 'HTTP/1.1 100 Continue\r\n\r\n'
  const play = inPieces([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`),
    Buffer.from(body),
  ])
  expect((await probing(play, { body: { contains: [body] } })).reason).toBe('ok')
})

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n'],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
])('the answer to %s, %j, is complete without a body', async (method, text) => {
  expect(await probing(sayAndStay(text), { check: { method } })).toMatchObject({ reason: 'ok', bodyBytes: 0 })
})

test('a status line without a reason phrase is one', async () => {
  expect(await probing(say('HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n'))).toMatchObject({
    status: 500,
    evidence: { statusText: '' },
  })
})

test.each([['latin1'], ['utf8']] as const)('a reason phrase in %s is read', async (encoding) => {
  const text = 'HTTP/1.1 503 Nicht verfügbar\r\nContent-Length: 0\r\n\r\n'
  expect((await probing(say(Buffer.from(text, encoding)))).evidence?.statusText).toBe('Nicht verfügbar')
})

test('the blanks around a header are no part of it', async () => {
  const text = 'HTTP/1.1 200 OK\r\nX-Worker: \t w-1 \t\r\nContent-Length: 0\r\n\r\n'
  expect((await probing(say(text), { check: { identity: { header: 'X-Worker' } } })).identity).toBe('w-1')
})

test('an answer that balancers take is taken, and remarked on; one that contradicts itself is refused for that', async () => {
  let bytes: Buffer[] = []
  await using server = await startRawServer((socket, request, index) =>
    inPieces(bytes)(socket, request, index),
  )
  const right = asyncProperty(oddAnswers, array(nat(), { maxLength: 3 }), async (answer, cuts) => {
    bytes = split(answer.bytes, cuts)
    const { reason, detail, remark } = await probeOnce({
      port: server.port,
      body: { match: [`^${content}$`] },
    })
    const { contradiction = /^$/, isOdd } = answer
    expect(detail).toMatch(contradiction)
    expect([reason, remark !== undefined]).toEqual(answer.contradiction ? ['protocol', false] : ['ok', isOdd])
  })
  await assert(right, { numRuns: runs(300, 20_000), seed: 12 })
})

test.each([
  ['HTTP/1.1 403.1 Forbidden', 'status'],
  ['HTTP/1.1 403', 'status'],
  ['HTTP/1.1 403Forbidden', 'protocol'],
  ['HTTP/1.1 4030 Forbidden', 'protocol'],
  ['HTTP/1.1 +403 Forbidden', 'protocol'],
])('after the code of a status line comes a blank: %s', async (line, reason) => {
  const outcome = await probing(say(`${line}\r\nContent-Length: 0\r\n\r\n`))
  expect(outcome.reason).toBe(reason)
})

test('a remark says all that is wrong, and a connection with both framings is not used again', async () => {
  const text = 'HTTP/1.1 200 OK\nX: \x07\nContent-Length: 2\nTransfer-Encoding: chunked\n\n2 \nok\n0\n\n'
  await using server = await startRawServer(sayAndStay(text))
  const prober = startProber()
  const order = orderFor({ port: server.port, check: { connection: 'reuse' } })
  await prober.probe(order, never)
  expect((await prober.probe(order, never)).remark).toBe(
    'The answer is not valid HTTP/1.1, though most balancers take it: lines end without a carriage return; a header holds control characters; it has a Content-Length beside Transfer-Encoding: chunked; blanks follow the sizes of its chunks.',
  )
  expect(server.connections).toBe(2)
  await prober.close()
})

test('whatever bytes come, they become an outcome and no fault of ours', async () => {
  let bytes: Buffer[] = []
  await using server = await startRawServer((socket, request, index) =>
    inPieces(bytes)(socket, request, index),
  )
  const harmless = asyncProperty(
    uint8Array({ maxLength: 300 }),
    array(nat(), { maxLength: 3 }),
    async (noise, cuts) => {
      bytes = split(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), noise]), cuts)
      expect((await probeOnce({ port: server.port })).reason).not.toBe('internal')
    },
  )
  await assert(harmless, { numRuns: 100 })
})
