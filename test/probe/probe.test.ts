import { getActiveResourcesInfo } from 'node:process'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { IdentitySource } from '../../src/model/farm.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { eventually } from '../support/eventually.ts'
import { never, orderFor, probeOnce, startProber, type Wish } from '../support/probes/probe_once.ts'
import { answerBytes, type Play, say, startRawServer } from '../support/servers/raw_server.ts'

async function probing(play: Play, wish: Omit<Wish, 'port'> = {}) {
  await using server = await startRawServer(play)
  return await probeOnce({ port: server.port, ...wish })
}

test('an outcome carries its order: farm, target, check, lane and times', async () => {
  const outcome = await probing(say(answerBytes()))
  expect(outcome).toMatchObject({
    farm: 'intranet',
    role: 'balancer',
    target: 'balancer',
    check: 'home',
    id: 'probe-1',
    lane: 'tick',
    slotMs: 1_000_000,
    startedMs: 1_000_002,
    lagMs: 2,
    latenessMs: 0,
  })
  expect(outcome).not.toHaveProperty('evidence')
  expect(outcome).not.toHaveProperty('origin')
  expect(outcome).not.toHaveProperty('notAfterMs')
  expect(structuredClone(outcome)).toEqual(outcome)
})

const json = JSON.stringify({
  app: { 'a/b': 17, 'm~n': 'x', none: null, list: ['first', 'second'] },
  startedAt: '10:00',
})

const cookie = 'Set-Cookie: ASPSESSIONIDQCSBRSTT=ABC; path=/'

test.each([
  ['a header', { header: 'x-worker' }, 'w-4711'],
  ['a header that is not there', { header: 'X-Other' }, undefined],
  ['a JSON pointer', { json: '/startedAt' }, '10:00'],
  ['a JSON pointer with escapes', { json: '/app/a~1b' }, '17'],
  ['a JSON pointer with a tilde', { json: '/app/m~0n' }, 'x'],
  ['a JSON pointer into a list', { json: '/app/list/1' }, 'second'],
  ['a JSON pointer to a whole value', { json: '/app/list' }, '["first","second"]'],
  ['a JSON pointer to null', { json: '/app/none' }, undefined],
  ['a JSON pointer to nothing', { json: '/app/none/x' }, undefined],
  ['a JSON pointer to what every object has', { json: '/constructor' }, undefined],
  ['the group of an expression', { body: String.raw`"a/b":(\d+)` }, '17'],
  ['a whole expression', { body: 'startedAt' }, 'startedAt'],
  ['an expression that does not match', { body: 'nowhere' }, undefined],
  ['the name of a cookie', { cookieName: 'ASPSESSIONID*' }, 'ASPSESSIONIDQCSBRSTT'],
  ['a name that no cookie has', { cookieName: 'ASPSESSIONID' }, undefined],
] satisfies readonly (readonly [string, IdentitySource, string | undefined])[])(
  'the identity is taken from %s',
  async (_where, identity, token) => {
    const outcome = await probing(say(answerBytes(json, ['X-Worker: w-4711', cookie])), {
      check: { identity },
    })
    expect(outcome.identity).toBe(token)
  },
)

test('the identity is taken from JSON with a byte order mark, and from JSON in UTF-16', async () => {
  const identity = { json: '/pid' }
  const texts = [Buffer.from('\ufeff{"pid":17}'), Buffer.from('\ufeff{"pid":17}', 'utf16le')]
  for (const body of texts) {
    const play = say(answerBytes(body, ['Content-Type: application/json']))
    expect((await probing(play, { check: { identity } })).identity).toBe('17')
  }
})

test('a body that is no JSON has no identity', async () => {
  expect(
    await probing(say(answerBytes('<html>')), { check: { identity: { json: '/a' } } }),
  ).not.toHaveProperty('identity')
})

test.each([
  ['a header', { header: 'X-Node' }, 'web02'],
  ['a cookie', { cookie: 'ARRAffinity' }, 'f00'],
  ['a cookie that is not there', { cookie: 'Other' }, undefined],
])('the node behind the balancer is taken from %s', async (_where, servedBy, node) => {
  const headers = [
    'X-Node: web02',
    'Set-Cookie: ARRAffinitySameSite=no',
    'Set-Cookie: ARRAffinity=f00; Path=/; HttpOnly',
  ]
  const answer = say(answerBytes('', headers))
  expect((await probing(answer, { farm: { servedBy } })).servedBy).toBe(node)
  const ofNode = await probing(answer, { farm: { servedBy }, target: { role: 'node', name: 'web01' } })
  expect(ofNode).not.toHaveProperty('servedBy')
})

test('where an identity is to be found, what may be one is handed on: headers, cookie names and JSON values', async () => {
  const headers = ['X-Boot: b1', 'Server: nginx', 'Content-Type: application/json', cookie]
  const body = '{"process":{"id":17},"deep":{"er":{"no":1}},"long":"' + 'x'.repeat(65) + '"}'
  const outcome = await probing(say(answerBytes(body, headers)), { check: { identity: 'auto' } })
  expect(outcome).not.toHaveProperty('identity')
  expect(outcome.candidates).toEqual({
    'header X-Boot': 'b1',
    'cookie_name ASPSESSIONID*': 'ASPSESSIONIDQCSBRSTT',
    'json /process/id': '17',
  })
})

test('what may identify a worker is handed on without what the request sent and without sessions', async () => {
  const headers = [
    'X-Echo-BEARER-of-ours: 1',
    'X-Session: 0123456789abcdef',
    'Set-Cookie: id=0123456789abcdef',
    'Set-Cookie: bearer-of-oursABCDEFGH=1',
    'Content-Type: application/json',
  ]
  const check = { identity: 'auto', authorization: 'Bearer bearer-of-ours' } as const
  const outcome = await probing(say(answerBytes('{"bearer-of-ours":17}', headers)), { check })
  expect(outcome.candidates).toEqual({
    'header X-Echo-<secret>': '1',
    'header X-Session': '<secret>',
    'cookie_name <secret>*': '<secret>ABCDEFGH',
    'json /<secret>': '17',
  })
})

test('of a hostile peer no more than a few candidates are handed on', async () => {
  const headers = Array.from({ length: 500 }, (_, index) => `X-${index}: ${index}`)
  const outcome = await probing(say(answerBytes('', headers)), { check: { identity: 'auto' } })
  expect(Object.keys(outcome.candidates ?? {})).toHaveLength(24)
})

test('tokens from a hostile peer are capped', async () => {
  const outcome = await probing(say(answerBytes('', [`X-Worker: ${'w'.repeat(1000)}`])), {
    check: { identity: { header: 'X-Worker' } },
  })
  expect(outcome.identity).toBe('w'.repeat(256))
})

test('an error of a gateway has an origin and evidence', async () => {
  const page =
    '<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete response.\n</body></html>\n'
  const outcome = await probing(say(answerBytes(page, ['Cache-Control: no-cache'], '502 Bad Gateway')))
  expect(outcome).toMatchObject({
    reason: 'status',
    origin: 'haproxy',
    tells: 'HAProxy: a server broke off the connection, or answered what is not valid',
    evidence: {
      statusText: 'Bad Gateway',
      headers: [
        ['Content-Length', String(page.length)],
        ['Cache-Control', 'no-cache'],
      ],
      bodyStart: page,
    },
  })
})

test('an error of a gateway has an origin even where it is what the check expects', async () => {
  const outcome = await probing(say(answerBytes('', [], '503 Server has been shutdown')), {
    status: [[503, 503]],
  })
  expect(outcome).toMatchObject({ reason: 'ok', origin: 'ancm-inprocess' })
  expect(outcome).not.toHaveProperty('evidence')
})

test('an error of unknown origin has the origin unknown, and only where a gateway may have made it', async () => {
  const own = await probing(say(answerBytes('Sorry', [], '503 Service Unavailable')))
  expect(own).toMatchObject({
    origin: 'unknown',
    tells:
      'nobody known here: the application itself, or a product whose error pages farmprobe does not know',
  })
  const missing = await probing(say(answerBytes('Sorry', [], '404 Not Found')))
  expect(missing.reason).toBe('status')
  expect(missing).not.toHaveProperty('origin')
  expect(missing).not.toHaveProperty('tells')
})

test("a wrong host name is recognised by the answer of IIS's kernel", async () => {
  const page = '<h2>Not Found</h2>\r\n<hr><p>HTTP Error 404. The requested resource is not found.</p>'
  const outcome = await probing(say(answerBytes(page, ['Server: Microsoft-HTTPAPI/2.0'], '404 Not Found')))
  expect(outcome).toMatchObject({
    reason: 'status',
    origin: 'iis-kernel',
    tells: expect.stringContaining('no site is bound to this host name and port'),
  })
})

test('evidence is capped', async () => {
  const headers = Array.from({ length: 100 }, (_, index) => `X-${index}: ${'v'.repeat(3000)}`).slice(0, 20)
  const outcome = await probing(say(answerBytes('é'.repeat(5000), headers, '500 Oops')))
  expect(outcome.evidence?.bodyStart).toBe('é'.repeat(2048))
  expect(outcome.evidence?.headers.every(([, value]) => value.length <= 1024)).toBe(true)
})

const echo: Play = (socket, request) =>
  void socket.end(answerBytes(request, ['X-Echo: user:hunter2!'], '500 Oops'))

test('an error page that repeats the request does not give our secrets away', async () => {
  const outcome = await probing(echo, {
    check: {
      authorization: `Basic ${Buffer.from('user:hunter2!').toString('base64')}`,
      headers: [
        ['X-Api-Key', 'k-0123456789'],
        ['Accept-Language', 'en-US'],
      ],
    },
  })
  const shown = JSON.stringify(outcome)
  expect(shown).not.toMatch(/hunter2|dXNlcjpodW50ZXIyIQ|k-0123456789/)
  expect(outcome.evidence?.bodyStart).toContain('Authorization: <secret>')
  expect(outcome.evidence?.bodyStart).toContain('Accept-Language: en-US')
})

test('a sentence that quotes the peer does not give them away either, not even cut off', async () => {
  const token = `Bearer ${'0123456789abcdef'.repeat(20)}`
  const outcome = await probing(say(answerBytes('', [`X-Echo: got ${token}`])), {
    check: { authorization: token },
    headers: [{ name: 'X-Echo', pattern: '^fine$' }],
  })
  expect(outcome).toMatchObject({
    reason: 'header',
    detail: 'The header X-Echo is "got <secret>…", which does not match /^fine$/.',
  })
})

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['Deflate', deflateRawSync],
  ['zstd', zstdCompressSync],
  ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
])('a body in %s is read', async (encoding, compress) => {
  const answer = answerBytes(compress('Welcome home'), [`Content-Encoding: ${encoding}`])
  const outcome = await probing(say(answer), { body: { contains: ['Welcome home'], minBytes: 12 } })
  expect(outcome.detail).toBe('')
})

test('a failing answer that is compressed shows its page as evidence', async () => {
  const answer = answerBytes(gzipSync('<h1>Sorry</h1>'), ['Content-Encoding: gzip'], '500 Oops')
  expect((await probing(say(answer))).evidence?.bodyStart).toBe('<h1>Sorry</h1>')
})

test('a body is judged in its charset', async () => {
  const play = say(answerBytes(Buffer.from('Grüße', 'latin1'), ['Content-Type: text/html; charset=latin1']))
  expect((await probing(play, { body: { contains: ['Grüße'], match: ['^Gr.ße$'] } })).reason).toBe('ok')
})

const slowly =
  (last: string | Buffer, first = ''): Play =>
  (socket) => {
    socket.write(first)
    setTimeout(() => socket.end(last), 60)
  }

test('a good answer that takes longer than allowed is slow, and keeps its times', async () => {
  const outcome = await probing(slowly(answerBytes()), { duration: 50 })
  expect(outcome).toMatchObject({
    reason: 'slow',
    status: 200,
    bodyBytes: 7,
    evidence: { bodyStart: 'Welcome' },
  })
  expect(outcome.detail).toMatch(/^The answer took \d+ms, longer than the 50ms allowed\.$/)
  expect(outcome.firstByteMs).toBeGreaterThan(50)
  expect(await probing(slowly(answerBytes()), { duration: 5000 })).toMatchObject({ reason: 'ok' })
})

test('the body and the hops of a redirect are part of the duration', async () => {
  const late = slowly('come', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nWel')
  expect((await probing(late, { duration: 50 })).reason).toBe('slow')
  const redirect = answerBytes('', ['Location: /next'], '302 Found')
  const hops: Play = (...exchange) => slowly(exchange[2] === 0 ? redirect : answerBytes())(...exchange)
  expect((await probing(hops, { duration: 100, check: { redirects: 'pinned' } })).reason).toBe('slow')
})

test('an answer that is slow and wrong is wrong', async () => {
  const play = slowly(answerBytes('', [], '500 Oops'))
  expect((await probing(play, { duration: 50 })).reason).toBe('status')
})

test.each([
  ['warming', { warming: { contains: ['x'], match: [] } }],
  ['warming', { warming: { contains: [], match: ['^x+$'] } }],
  ['status', {}],
  ['header', { status: [[500, 500]] as const }],
  ['too_large', { status: [[500, 500]] as const, headers: [] }],
  ['body', { status: [[500, 500]] as const, headers: [], body: { contains: ['y'], maxBytes: 100 } }],
])('of everything that is wrong at once, %s is named first', async (reason, wish) => {
  const everything: Omit<Wish, 'port'> = {
    headers: [{ name: 'X', pattern: 'x' }],
    body: { contains: ['y'], maxBytes: 3 },
  }
  const outcome = await probing(say(answerBytes('xxxx', [], '500 Oops')), { ...everything, ...wish })
  expect(outcome).toMatchObject({ reason, status: 500 })
})

test.each([
  [{ contains: ['Welcome', 'missing'] }, 'The body does not contain "missing".'],
  [{ notContains: ['home', 'Welcome'] }, 'The body contains "Welcome".'],
  [{ match: ['^Wel', 'home$'] }, 'The body does not match /home$/.'],
  [{ notMatch: ['x', '(?i)wel'] }, 'The body matches /(?i)wel/.'],
  [{ minBytes: 8 }, 'The body has 7 bytes, fewer than the 8 expected.'],
])('%j is explained', async (body, detail) => {
  expect(await probing(say(answerBytes()), { body })).toMatchObject({ reason: 'body', detail })
})

test('an expression finds the same every time', async () => {
  await using server = await startRawServer(say(answerBytes()))
  const prober = startProber()
  const order = orderFor({ port: server.port, body: { match: ['Welcome'] } })
  const reasons = [await prober.probe(order, never), await prober.probe(order, never)].map(
    ({ reason }) => reason,
  )
  expect(reasons).toEqual(['ok', 'ok'])
})

test('an abandoned probe rejects with the reason of its signal and leaves nothing behind', async () => {
  await using server = await startRawServer(() => {})
  const stop = new AbortController()
  const probing = startProber().probe(orderFor({ port: server.port }), stop.signal)
  while (server.requests.length === 0) await new Promise(setImmediate)
  stop.abort(new Error('farmprobe stops'))
  await expect(probing).rejects.toThrow('farmprobe stops')
  await server.deserted()
})

test('a probe whose signal is aborted already does not start', async () => {
  await using server = await startRawServer(say(answerBytes()))
  await expect(startProber().probe(orderFor({ port: server.port }), AbortSignal.abort())).rejects.toThrow(
    'aborted',
  )
  expect(server.connections).toBe(0)
})

const openSocketsAndTimers = () =>
  getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'Timeout')

test('after a thousand probes of every kind nothing is left open', async () => {
  const ends: readonly Play[] = [
    say(answerBytes()),
    (socket) => void socket.resetAndDestroy(),
    (socket) => void socket.end(),
    () => {},
    (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nx'),
  ]
  await using server = await startRawServer((socket, request, index) =>
    ends[index % ends.length]?.(socket, request, index),
  )
  const prober = startProber()
  for (let round = 0; round < 10; round++) {
    const order = orderFor({
      port: server.port,
      check: { timeoutMs: 200, connection: round % 2 ? 'fresh' : 'reuse' },
    })
    await Promise.all(Array.from({ length: 100 }, () => prober.probe(order, never)))
  }
  await prober.close()
  await server.deserted()
  expect(server.requests).toHaveLength(1000)
  await eventually('an end of all sockets and timers', openSocketsAndTimers, ({ length }) => length === 0)
})

test('probes that ask for one name at one time share the lookup, and the next one asks again', async () => {
  await using server = await startRawServer(say(answerBytes()))
  const prober = startProber()
  const order = orderFor({ port: server.port, target: { host: 'localhost' } })
  const outcomes = await Promise.all([prober.probe(order, never), prober.probe(order, never)])
  expect(outcomes.every(({ phaseMs }) => phaseMs.resolve !== undefined)).toBe(true)
  expect((await prober.probe(order, never)).phaseMs.resolve).toBeGreaterThan(0)
})

test('errors of others keep their stacks, however many probes end at once', async () => {
  await using server = await startRawServer(say('HTTP/1.1 200 OK\r\n\r\nWelcome'))
  const prober = startProber()
  const { stackTraceLimit } = Error
  const order = orderFor({ port: server.port })
  await Promise.all(Array.from({ length: 20 }, () => prober.probe(order, never)))
  expect(stackTraceLimit).toBeGreaterThan(0)
  expect(Error.stackTraceLimit).toBe(stackTraceLimit)
})

test('every time is taken from the clock that is given', async () => {
  await using server = await startRawServer(say(answerBytes()))
  // A clock that runs a thousand times as fast: its times cannot come from anywhere else.
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() * 1000 }
  const { phaseMs, totalMs } = await probeOnce({ port: server.port }, { clock })
  expect(totalMs).toBeGreaterThan(50)
  expect(Object.values(phaseMs).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(totalMs + 1e-3)
})
