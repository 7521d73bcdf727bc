import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { Outcome, Phase, Reason } from '../../src/model/outcome.ts'
import { reasons } from '../../src/model/outcome.ts'
import { probeOnce, type Wish } from '../support/probes/probe_once.ts'
import { startFullListener } from '../support/servers/full_listener.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { answerBytes, type Play, say, sayAndStay, startRawServer } from '../support/servers/raw_server.ts'

interface Row {
  readonly when: string
  readonly play: Play
  readonly wish?: Omit<Wish, 'port'>
  readonly reason: Reason
  readonly detail: string
  readonly status?: number
  /** The phases that were reached, in order. */
  readonly reached: readonly Phase[]
}

const toWait: readonly Phase[] = ['connect', 'request', 'wait']
const toTransfer: readonly Phase[] = [...toWait, 'transfer']
const soon = { check: { timeoutMs: 120 } }
const silence: Play = () => {}
const resetting: Play = (socket) => void socket.resetAndDestroy()

function afterHead(head: string, then: (socket: Socket) => void): Play {
  return (socket) => void socket.write(head, () => setImmediate(then, socket))
}

const rows: readonly Row[] = [
  {
    when: 'all is well',
    play: say(answerBytes()),
    reason: 'ok',
    detail: '',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the peer resets instead of answering',
    play: resetting,
    reason: 'reset',
    detail: 'PEER reset the connection without an answer.',
    reached: toWait,
  },
  {
    when: 'the peer closes instead of answering',
    play: (socket) => void socket.end(),
    reason: 'closed',
    detail: 'PEER closed the connection without an answer.',
    reached: toWait,
  },
  {
    when: 'the peer closes after an interim answer',
    play: say('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'),
    reason: 'closed',
    detail: 'PEER closed the connection without an answer.',
    reached: toWait,
  },
  {
    when: 'the peer closes within the headers',
    play: say('HTTP/1.1 200 OK\r\nContent-Le'),
    reason: 'closed',
    detail: 'PEER closed the connection before the headers of its answer were complete.',
    reached: toWait,
  },
  {
    when: 'the peer talks another protocol',
    play: say('SSH-2.0-OpenSSH_9.2\r\n'),
    reason: 'protocol',
    detail: 'The answer is not valid HTTP/1.1: it begins with "SSH-2.0-OpenSSH_9.2\\r\\n".',
    reached: toWait,
  },
  {
    when: 'no answer comes in time',
    play: silence,
    wish: soon,
    reason: 'first_byte_timeout',
    detail: 'PEER did not answer within 120ms.',
    reached: toWait,
  },
  {
    when: 'the body does not end in time',
    play: sayAndStay('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nWel'),
    wish: soon,
    reason: 'body_timeout',
    detail: 'PEER did not finish the body of its answer within 120ms.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the body is shorter than its Content-Length',
    play: say('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nWel'),
    reason: 'truncated',
    detail: 'The connection was closed after 3 bytes of the body of 9.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the last chunk is missing',
    play: say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nWel\r\n'),
    reason: 'truncated',
    detail: 'The connection was closed after 3 bytes of the body, before its last chunk.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the peer resets within the body',
    play: afterHead('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nWel', (socket) => socket.resetAndDestroy()),
    reason: 'reset',
    detail: 'PEER reset the connection in the middle of the body.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the peer resets within a body that only its close would end',
    play: afterHead('HTTP/1.1 200 OK\r\n\r\nWel', (socket) => socket.resetAndDestroy()),
    reason: 'reset',
    detail: 'PEER reset the connection in the middle of the body.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the body is too large',
    play: say(answerBytes('x'.repeat(101))),
    wish: { body: { maxBytes: 100 } },
    reason: 'too_large',
    detail: 'The body is larger than the 100 bytes allowed, as sent.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the status is not accepted',
    play: say(answerBytes('sorry', [], '503 Server has been shutdown')),
    reason: 'status',
    detail: 'The status is 503 "Server has been shutdown", not 200-399.',
    status: 503,
    reached: toTransfer,
  },
  {
    when: 'a header is missing',
    play: say(answerBytes()),
    wish: { headers: [{ name: 'X-Powered-By', pattern: 'ASP' }] },
    reason: 'header',
    detail: 'The header X-Powered-By is missing.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the site asks for Windows authentication, and the check has no credentials',
    play: say(answerBytes('', ['WWW-Authenticate: Negotiate', 'WWW-Authenticate: NTLM'], '401 Unauthorized')),
    reason: 'auth',
    detail:
      'The site asks for Windows authentication (Negotiate and NTLM), and the check has no credentials. Write auth: ' +
      "{ ntlm: { user: 'DOMAIN\\name', password_file: … } }, or auth: { negotiate: { principal: …, keytab_file: … } } for Kerberos.",
    status: 401,
    reached: toTransfer,
  },
  {
    when: 'a password is not accepted',
    play: say(answerBytes('', ['WWW-Authenticate: Basic realm="a, NTLM"'], '401 Unauthorized')),
    wish: { check: { authorization: 'Basic dXNlcjpodW50ZXIyIQ==' } },
    reason: 'auth',
    detail: 'The answer is 401: the credentials in auth.basic are not accepted (asked for: basic).',
    status: 401,
    reached: toTransfer,
  },
  {
    when: 'a site asks for a password that a check without credentials has no reason to know',
    play: say(answerBytes('', ['WWW-Authenticate: Basic realm="a, NTLM"'], '401 Unauthorized')),
    reason: 'status',
    detail: 'The status is 401 "Unauthorized", not 200-399.',
    status: 401,
    reached: toTransfer,
  },
  {
    when: 'a header says something else',
    play: say(answerBytes('', ['Content-Type: text/plain'])),
    wish: { headers: [{ name: 'content-type', pattern: 'html' }] },
    reason: 'header',
    detail: 'The header content-type is "text/plain", which does not match /html/.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'a 200 has no body',
    play: say(answerBytes('')),
    wish: { body: { minBytes: 1 } },
    reason: 'body',
    detail: 'The body has 0 bytes, fewer than the 1 expected.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'the application is still starting, whatever the status',
    play: say(answerBytes('<h1>starting up</h1>', [], '503 Service Unavailable')),
    wish: { warming: { contains: ['starting up'], match: [] } },
    reason: 'warming',
    detail: 'The answer is the page shown while the application starts.',
    status: 503,
    reached: toTransfer,
  },
  {
    when: 'a good answer takes too long',
    play: (socket) => void setTimeout(() => socket.end(answerBytes()), 1100),
    wish: { duration: 1000 },
    reason: 'slow',
    detail: 'The answer took 1.1s, longer than the 1s allowed.',
    status: 200,
    reached: toTransfer,
  },
  {
    when: 'a redirect leaves the site',
    play: say(answerBytes('', ['Location: https://login.example.com/'], '302 Found')),
    wish: { check: { redirects: 'pinned' } },
    reason: 'redirect',
    detail: 'The answer redirects to "https://login.example.com", off the site.',
    status: 302,
    reached: toTransfer,
  },
]

function reachedBy(outcome: Outcome): string[] {
  return Object.keys(outcome.phaseMs)
}

function expectTimesToAddUp(outcome: Outcome): void {
  const times = Object.values(outcome.phaseMs)
  const sum = times.reduce((total, ms) => total + ms, 0)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
  expect(sum).toBeLessThanOrEqual(outcome.totalMs + 1e-6)
}

test.each(rows)('$reason, when $when', async ({ play, wish, reason, detail, status = 0, reached }) => {
  await using server = await startRawServer(play)
  const outcome = await probeOnce({ port: server.port, ...wish })
  expect(outcome.detail).toBe(detail.replace('PEER', `127.0.0.1:${server.port}`))
  expect(outcome).toMatchObject({ reason, status })
  expect(reachedBy(outcome)).toEqual(reached)
  expectTimesToAddUp(outcome)
  await server.deserted()
  expect(server).toMatchObject({ connections: 1, requests: [expect.stringContaining('GET / HTTP/1.1')] })
})

test('refused, when no process listens', async () => {
  const outcome = await probeOnce({ port: await freePort() })
  expect(outcome).toMatchObject({ reason: 'refused', status: 0, bodyBytes: 0 })
  expect(outcome.detail).toBe(`${outcome.address} refused the connection.`)
  expect(reachedBy(outcome)).toEqual(['connect'])
  expect(outcome).not.toHaveProperty('firstByteMs')
})

test('unreachable, when there is no route', async () => {
  // Class E addresses are never routed: the kernel says so at once.
  const outcome = await probeOnce({ port: 80, target: { host: '255.255.255.255' } })
  expect(outcome.reason).toBe('unreachable')
  expect(outcome.detail).toMatch(/^255\.255\.255\.255:80 cannot be reached: E[A-Z]+\.$/)
})

test('connect_timeout, when the queue of the listener is full', async () => {
  await using full = await startFullListener()
  const outcome = await probeOnce({ port: full.port, ...soon })
  expect(outcome.reason).toBe('connect_timeout')
  expect(outcome.detail).toBe(`127.0.0.1:${full.port} did not accept the connection within 120ms.`)
  expect(reachedBy(outcome)).toEqual(['connect'])
  expect(outcome.phaseMs.connect).toBeGreaterThan(100)
})

test('dns, when the name does not exist', async () => {
  const outcome = await probeOnce(
    { port: 80, target: { host: 'web01.invalid' } },
    { resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) },
  )
  expect(outcome).toMatchObject({ reason: 'dns', address: '' })
  expect(outcome.detail).toBe('The name web01.invalid was not resolved: ENOTFOUND.')
  expect(reachedBy(outcome)).toEqual(['resolve'])
})

test('dns, when the name has no address', async () => {
  const outcome = await probeOnce({ port: 80, target: { host: 'web01.test' } }, { resolve: async () => [] })
  expect(outcome).toMatchObject({ reason: 'dns', detail: 'The name web01.test has no address.' })
})

test('dns, when the resolver does not answer in time', async () => {
  const outcome = await probeOnce(
    { port: 80, target: { host: 'web01.test' }, ...soon },
    { resolve: () => new Promise<never>(() => {}) },
  )
  expect(outcome).toMatchObject({
    reason: 'dns',
    detail: 'The name web01.test was not resolved within 120ms.',
  })
  expect(outcome.phaseMs.resolve).toBeGreaterThan(100)
})

test('tls, when the peer does not speak it', async () => {
  await using server = await startRawServer(silence, {
    greet: (socket) => void socket.end('HTTP/1.1 400 Bad\r\n\r\n'),
  })
  const outcome = await probeOnce({ port: server.port, target: { scheme: 'https' } })
  expect(outcome.reason).toBe('tls')
  expect(outcome.detail).toBe(`The TLS handshake with 127.0.0.1:${server.port} failed: wrong version number.`)
  expect(reachedBy(outcome)).toEqual(['connect', 'tls'])
})

test('tls, when the handshake does not end in time', async () => {
  await using server = await startRawServer(silence)
  const outcome = await probeOnce({ port: server.port, target: { scheme: 'https' }, ...soon })
  expect(outcome.reason).toBe('tls')
  expect(outcome.detail).toBe(`127.0.0.1:${server.port} did not finish the TLS handshake within 120ms.`)
  expect(outcome.phaseMs.tls).toBeGreaterThan(100)
})

test('internal, when the fault is ours', async () => {
  const outcome = await probeOnce({ port: 80, check: { headers: [['X-Two', 'a\r\nb']] } })
  expect(outcome).toMatchObject({ reason: 'internal', status: 0 })
  expect(outcome.detail).toBe('farmprobe failed: a header of the request holds a line break.')
})

test('every reason of the closed set has a test here', () => {
  const named = ['refused', 'unreachable', 'connect_timeout', 'dns', 'tls', 'internal']
  expect(new Set([...rows.map((row) => row.reason), ...named])).toEqual(new Set(reasons))
})
