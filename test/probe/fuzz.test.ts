import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Outcome, phases, reasons } from '../../src/model/outcome.ts'
import { runs } from '../support/files/mutations.ts'
import { never, orderFor, startProber } from '../support/probes/probe_once.ts'
import { startRawServer } from '../support/servers/raw_server.ts'

/** What one server does with one request. */
interface Plot {
  readonly bytes: Buffer
  /** Where the bytes are cut into pieces that arrive on their own. */
  readonly cuts: readonly number[]
  readonly ending: 'closes' | 'resets' | 'stays'
}

const timeoutMs = 120
/** Beyond its time limit a probe takes what the machine makes it wait. */
const graceMs = 2000

const token = (...words: string[]) => fc.constantFrom(...words)

const statusLine = fc
  .tuple(
    token('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2', 'http/1.1', 'HTTP/1.1 '),
    token(
      '200',
      '200',
      '204',
      '304',
      '100',
      '101',
      '103',
      '302',
      '404',
      '500',
      '502',
      '999',
      '099',
      '20',
      'OK',
      '',
    ),
    token(' OK', '', ' ', ' \t', ' Überlastet', ' \u0000', ` ${'x'.repeat(3000)}`),
  )
  .map(([version, status, phrase]) => `${version} ${status}${phrase}`)

const length = token(
  '7',
  '0',
  '6',
  '8',
  '-1',
  '+7',
  '07',
  '7, 7',
  '7, 8',
  '0x7',
  '99999999999999999999',
  '',
  'seven',
)
const header = fc.oneof(
  length.map((value) => `Content-Length: ${value}`),
  token('chunked', 'Chunked', 'gzip, chunked', 'chunked, chunked', 'identity', 'xchunked').map(
    (value) => `Transfer-Encoding: ${value}`,
  ),
  token('gzip', 'br', 'deflate', 'zstd', 'x', 'gzip, gzip', ',', '').map(
    (value) => `Content-Encoding: ${value}`,
  ),
  token('/', '/a', 'http://other.example', '//', 'http://[', '%', '').map((value) => `Location: ${value}`),
  token('close', 'keep-alive', 'Upgrade', 'close, close').map((value) => `Connection: ${value}`),
  token('text/html; charset=utf-16le', 'text/html; charset=', 'x').map((value) => `Content-Type: ${value}`),
  token('timeout=1', 'timeout=0', 'timeout=-5', 'timeout=1e99').map((value) => `Keep-Alive: ${value}`),
  token(
    'X',
    ': x',
    'X : y',
    ' folded',
    'X: \u0000',
    'X: é',
    `X: ${'y'.repeat(9000)}`,
    'Upgrade: h2c',
    'Set-Cookie: =;=',
  ),
)

const chunked = '3\r\nWel\r\n4;x=y\r\ncome\r\n0\r\n\r\n'
const body = token(
  'Welcome',
  '',
  'Wel',
  chunked,
  '0\r\n\r\n',
  '0\r\nX: y\r\n\r\n',
  'ffffffffffffffff\r\n',
  '-1\r\n',
  '3\r\nWelcome',
)
  .map((text) => Buffer.from(text))
  .chain((plain) => fc.constantFrom(plain, plain, gzipSync(plain), gzipSync(plain).subarray(0, 12)))

const answer = fc
  .tuple(
    fc.array(token('HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'), {
      maxLength: 2,
    }),
    statusLine,
    fc.array(header, { maxLength: 5 }),
    token('\r\n', '\r\n', '\r\n', '\n', '\r'),
    body,
    token('', '', '', 'HTTP/1.1 200 OK\r\n\r\n', '\0'),
  )
  .map(([interim, line, headers, newline, content, rest]) =>
    Buffer.concat([
      Buffer.from(interim.join('') + [line, ...headers, '', ''].join(newline), 'latin1'),
      content,
      Buffer.from(rest, 'latin1'),
    ]),
  )

type Damage = readonly [kind: 'flip' | 'delete' | 'insert' | 'repeat', at: number, byte: number]

/** The same with some bytes changed, left out, put in or repeated. */
const damaged = fc
  .tuple(
    answer,
    fc.array(fc.tuple(token('flip', 'delete', 'insert', 'repeat'), fc.nat(400), fc.nat(255)), {
      maxLength: 4,
    }),
  )
  .map(([bytes, damages]) => (damages as Damage[]).reduce(suffered, bytes))

function suffered(bytes: Buffer, [kind, at, byte]: Damage): Buffer {
  const before = bytes.subarray(0, at)
  const after = bytes.subarray(at)
  if (kind === 'flip') return Buffer.concat([before, Buffer.of(byte), after.subarray(1)])
  if (kind === 'delete') return Buffer.concat([before, after.subarray(1 + (byte % 20))])
  if (kind === 'insert') return Buffer.concat([before, Buffer.of(byte), after])
  return Buffer.concat([before, after.subarray(0, byte), after])
}

const plot: fc.Arbitrary<Plot> = fc.record({
  bytes: fc.oneof(
    answer,
    damaged,
    fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
  ),
  cuts: fc.array(fc.nat(400), { maxLength: 4 }),
  ending: fc.constantFrom('closes', 'closes', 'closes', 'resets', 'stays'),
})

async function play(socket: Socket, { bytes, cuts, ending }: Plot): Promise<void> {
  socket.setNoDelay(true)
  const ends = [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b)
  let from = 0
  for (const end of ends) {
    socket.write(bytes.subarray(from, end))
    from = end
    // One turn sends it, and another one has the probe, in this same process, read it.
    await nextTurn()
    await nextTurn()
  }
  if (ending === 'closes') socket.end()
  if (ending === 'resets') socket.resetAndDestroy()
}

/** One outcome that is whole in itself. */
function expectSound(outcome: Outcome): void {
  expect(reasons).toContain(outcome.reason)
  expect(outcome).not.toMatchObject({ reason: 'internal' })
  expect(outcome.totalMs).toBeLessThan(timeoutMs + graceMs)
  const spentMs = phases.reduce((sum, phase) => sum + (outcome.phaseMs[phase] ?? 0), 0)
  expect(spentMs).toBeLessThanOrEqual(outcome.totalMs + 0.001)
  for (const phase of phases) expect(outcome.phaseMs[phase] ?? 0).toBeGreaterThanOrEqual(0)
  expect(outcome.detail === '').toBe(outcome.reason === 'ok')
  expect(outcome.detail).not.toMatch(/[\n\r\0]/)
  expect(() => structuredClone(outcome)).not.toThrow()
}

test.concurrent.each(['fresh', 'reuse'] as const)(
  'whatever a server sends, a probe on a %s connection has one outcome, in time',
  async (connection) => {
    let played: Plot
    await using server = await startRawServer((socket) => void play(socket, played))
    const prober = startProber()
    const order = orderFor({
      port: server.port,
      check: { timeoutMs, connection, redirects: 'pinned', identity: { header: 'X' } },
      body: { contains: ['Welcome'] },
      headers: [{ name: 'content-type', pattern: 'html' }],
      farm: { servedBy: { header: 'X' } },
    })
    const seen = new Set<string>()
    const sound = fc.asyncProperty(plot, async (next) => {
      played = next
      const outcome = await prober.probe(order, never)
      seen.add(outcome.reason)
      expectSound(outcome)
    })
    await fc.assert(sound, { numRuns: runs(600, 20_000) })
    await prober.close()
    await server.deserted()
    // Otherwise what is said is all of one kind, and proves little.
    expect(seen.size).toBeGreaterThan(5)
  },
  1_200_000,
)
