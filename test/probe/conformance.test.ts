/**
 * The core rows of blackbox_exporter's own HTTP tests that this configuration can express, by their ids: what a user
 * of that prober relies on holds here too. Left out are the rows on HTTP versions, proxies, CEL and HTTP/3, those on
 * settings that are configuration here (SH), and `allow_missing`. Success there is 200-299 by default.
 */
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { probeOnce, type Wish } from '../support/probes/probe_once.ts'
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts'
import { answerBytes, type Play, say, startRawServer } from '../support/servers/raw_server.ts'

type Ranges = readonly (readonly [number, number])[]

const twoHundreds: Ranges = [[200, 299]]
const only = (...codes: number[]): Ranges => codes.map((code) => [code, code])

async function reasonOf(play: Play, wish: Omit<Wish, 'port'> = {}): Promise<string> {
  await using server = await startRawServer(play)
  const outcome = await probeOnce({ port: server.port, status: twoHundreds, ...wish })
  expect(server.connections).toBe(1)
  return outcome.reason
}

test.each([
  ['SC01', 200, twoHundreds, 'ok'],
  ['SC02', 201, twoHundreds, 'ok'],
  ['SC03', 299, twoHundreds, 'ok'],
  ['SC04', 300, twoHundreds, 'status'],
  ['SC05', 404, twoHundreds, 'status'],
  ['SC06', 404, only(200, 404), 'ok'],
  ['SC07', 200, only(200, 404), 'ok'],
  ['SC08', 201, only(200, 404), 'status'],
  ['SC09', 404, only(404), 'ok'],
  ['SC10', 200, only(404), 'status'],
] as const)('%s: a %i where %j is accepted is %s', async (_id, code, status, reason) => {
  expect(await reasonOf(say(answerBytes('', [], `${code} Whatever`)), { status })).toBe(reason)
})

const message = 'hello world'.repeat(10)
const bodies: Readonly<Record<string, Buffer>> = {
  identity: Buffer.from(message),
  xxx: Buffer.from('x'.repeat(110)),
  br: brotliCompressSync(message),
  deflate: deflateRawSync(message),
  gzip: gzipSync(message),
}

test.each([
  ['CL01', 'identity'],
  ['CL03', 'xxx'],
  ['CL05', 'br'],
  ['CL06', 'deflate'],
  ['CL07', 'gzip'],
  ['CP09', 'gzip'],
])('%s: of a body encoded as %s the bytes on the wire are counted', async (_id, encoding) => {
  const body = bodies[encoding] as Buffer
  await using server = await startRawServer(say(answerBytes(body, [`Content-Encoding: ${encoding}`])))
  expect(await probeOnce({ port: server.port })).toMatchObject({ reason: 'ok', bodyBytes: body.length })
})

test('CL02: a body without an encoding is counted', async () => {
  await using server = await startRawServer(say(answerBytes(message)))
  expect(await probeOnce({ port: server.port })).toMatchObject({ reason: 'ok', bodyBytes: 110 })
})

test('CL04: the body of a failing answer is counted too', async () => {
  await using server = await startRawServer(say(answerBytes('not found', [], '404 Not Found')))
  expect(await probeOnce({ port: server.port })).toMatchObject({ reason: 'status', bodyBytes: 9 })
})

test.each([
  ['CP01', 'gzip', 'gzip', 'ok'],
  ['CP02', 'br', 'br', 'ok'],
  ['CP03', 'deflate', 'deflate', 'ok'],
  ['CP04', 'identity', 'identity', 'ok'],
  ['CP05', 'gzip', 'deflate', 'protocol'],
])('%s: a body of %s that is declared as %s is %s', async (_id, sent, declared, reason) => {
  const play = say(answerBytes(bodies[sent], [`Content-Encoding: ${declared}`]))
  // All 110 bytes, and no more, come out.
  expect(await reasonOf(play, { body: { match: ['^(hello world){10}$'], minBytes: 110 } })).toBe(reason)
})

test.each([
  ['CP06', 'gzip'],
  ['CP07', 'br, gzip'],
  ['CP08', '*'],
])('%s: an Accept-Encoding of %s is sent as it is', async (_id, accepted) => {
  const play: Play = (socket, request) => {
    const asked = request.includes(`\r\nAccept-Encoding: ${accepted}\r\n`)
    socket.end(answerBytes(asked ? bodies.gzip : '', ['Content-Encoding: gzip']))
  }
  const check = { headers: [['Accept-Encoding', accepted]] } as const
  expect(await reasonOf(play, { check, body: { contains: ['hello world'] } })).toBe('ok')
})

test.each([
  ['BL01', 127, 'identity', 'ok'],
  ['BL02', 129, 'identity', 'too_large'],
  ['BL03', 127, 'gzip', 'ok'],
  ['BL04', 129, 'gzip', 'too_large'],
])('%s: %i bytes sent as %s against a limit of 128 are %s', async (_id, length, encoding, reason) => {
  const plain = Buffer.alloc(length, 'A')
  const play = say(
    answerBytes(encoding === 'gzip' ? gzipSync(plain) : plain, [`Content-Encoding: ${encoding}`]),
  )
  expect(await reasonOf(play, { body: { maxBytes: 128, contains: ['A'] } })).toBe(reason)
})

const moved = (to: string, headers: readonly string[] = []) =>
  answerBytes('', [`Location: ${to}`, ...headers], '302 Found')

test('RD01: a redirect on the site is followed', async () => {
  await using server = await startRawServer((socket, request) => {
    socket.end(request.startsWith('GET / ') ? moved('/noredirect') : answerBytes(''))
  })
  const outcome = await probeOnce({ port: server.port, status: twoHundreds, check: { redirects: 'pinned' } })
  expect(outcome).toMatchObject({ reason: 'ok', status: 200 })
  expect(server.requests).toHaveLength(2)
})

test('RD02: a redirect that is not followed can be what is expected', async () => {
  await using server = await startRawServer(say(moved('/noredirect')))
  expect(await probeOnce({ port: server.port, status: only(302) })).toMatchObject({
    reason: 'ok',
    status: 302,
    bodyBytes: 0,
  })
})

test('RD03: the eleventh redirect is not followed', async () => {
  await using server = await startRawServer(
    (socket, _request, index) => void socket.end(moved(`/redirect-${index + 1}`)),
  )
  const outcome = await probeOnce({ port: server.port, check: { redirects: 'pinned' } })
  expect(outcome).toMatchObject({ reason: 'redirect', status: 302 })
  expect(server.requests.some((request) => request.includes('/redirect-11'))).toBe(false)
})

test.each([
  ['MT01', { method: 'POST' }, /^POST \/ HTTP\/1\.1\r\n/],
  [
    'AU01',
    { authorization: 'Basic dXNlcm5hbWU6cGFzc3dvcmQ=' },
    /\r\nAuthorization: Basic dXNlcm5hbWU6cGFzc3dvcmQ=\r\n/,
  ],
  ['AU02', { authorization: 'Bearer mysecret' }, /\r\nAuthorization: Bearer mysecret\r\n/],
  [
    'HD01 User-Agent',
    { headers: [['User-Agent', 'unsuspicious-user']] },
    /\r\nUser-Agent: unsuspicious-user\r\n/,
  ],
  ['HD01 Accept-Language', { headers: [['Accept-Language', 'en-US']] }, /\r\nAccept-Language: en-US\r\n/],
  ['BD01', { body: 'Test Body' }, /\r\nContent-Length: 9\r\n\r\nTest Body$/],
] as const)('%s: the request is as the check says', async (_id, check, pattern) => {
  const play: Play = (socket, request) =>
    void socket.end(pattern.test(request) ? answerBytes('') : answerBytes(request, [], '400 Bad Request'))
  expect(await reasonOf(play, { check })).toBe('ok')
})

test('HD01 Host: the Host is the site’s', async () => {
  const wish = {
    site: { hostname: 'my-secret-vhost.com' },
    body: { contains: ['\r\nHost: my-secret-vhost.com\r\n'] },
  }
  expect(await reasonOf((socket, request) => void socket.end(answerBytes(request)), wish)).toBe('ok')
})

test('CK01: a cookie set on the way is sent to the next hop', async () => {
  const cookie = 'Set-Cookie: somecookie=cookie; Expires=Fri, 01 Jan 2100 00:00:00 GMT'
  await using server = await startRawServer((socket, request) => {
    if (request.startsWith('GET / ')) socket.end(moved('/noredirect', [cookie]))
    else
      socket.end(
        answerBytes('', [], request.includes('\r\nCookie: somecookie=cookie\r\n') ? '200 OK' : '400 Bad'),
      )
  })
  expect(await probeOnce({ port: server.port, check: { redirects: 'pinned' } })).toMatchObject({
    status: 200,
  })
})

let selfSigned: Certificate

beforeAll(async () => {
  selfSigned = await makeCertificate({ names: ['localhost'], ca: true })
})

test.each([
  ['SH02, TL06: self-signed, insecure', { insecure: true, ca: false }, 'ok'],
  ['TL05: self-signed, verified', { insecure: false, ca: false }, 'tls'],
  ['TL08: its own CA, known by name only, dialled by address', { insecure: false, ca: true }, 'ok'],
])('%s', async (_id, { insecure, ca }, reason) => {
  await using server = await startRawServer(say(answerBytes('')), {
    tls: { cert: selfSigned.cert, key: selfSigned.key },
  })
  const tls = { insecure, minVersion: 'TLSv1.2', ...(ca && { ca: selfSigned.cert }) } as const
  const wish = { site: { hostname: 'localhost' }, target: { scheme: 'https' }, check: { tls } } as const
  const outcome = await probeOnce({ port: server.port, ...wish })
  expect(outcome).toMatchObject({ reason, notAfterMs: selfSigned.notAfterMs })
})

test('TL04: a server that closes at once has not answered', async () => {
  await using server = await startRawServer(() => {}, { greet: (socket) => void socket.end() })
  expect(['closed', 'reset']).toContain((await probeOnce({ port: server.port })).reason)
})

const down = 'Bad news: could not connect to database server'
const download = 'Download the latest version here'

test.each([
  ['BR01', { notMatch: ['could not connect to database'] }, down, 'body'],
  ['BR02', { notMatch: ['could not connect to database'] }, download, 'ok'],
  ['BR03', { notMatch: ['could not connect to database', 'internal error'] }, 'internal error', 'body'],
  ['BR04', { notMatch: ['could not connect to database', 'internal error'] }, 'hello world', 'ok'],
  ['BR05', { match: ['Download the latest version here'] }, down, 'body'],
  ['BR06', { match: ['Download the latest version here'] }, download, 'ok'],
  ['BR07', { match: ['Download the latest version here', 'Copyright 2015'] }, download, 'body'],
  [
    'BR08',
    { match: ['Download the latest version here', 'Copyright 2015'] },
    `${download}. Copyright 2015 Test Inc.`,
    'ok',
  ],
])('%s: a body judged by expressions', async (_id, body, text, reason) => {
  expect(await reasonOf(say(answerBytes(text)), { body })).toBe(reason)
})

const cookieA = 'zz=4; expires=Mon, 01-Jan-1990 00:00:00 GMT; Domain=www.example.com; Path=/'
const cookieB = 'gid=1; Expires=Tue, 19-Mar-2019 20:08:29 GMT; Domain=.example.com; Path=/'
const domain = String.raw`.*Domain=\.example\.com.*`

test.each([
  ['HN01', 'Content-Type', 'text/javascript', ['text/javascript'], 'ok'],
  ['HN02', 'content-type', 'text/javascript', ['text/javascript'], 'ok'],
  ['HN03', 'Content-Type', 'text/javascript', ['application/octet-stream'], 'header'],
  ['HN04', 'Content-Type', '.*', [''], 'ok'],
  ['HN05', 'Content-Type', '.*', [], 'header'],
  ['HN07', 'Set-Cookie', domain, [cookieA], 'header'],
  ['HN08', 'Set-Cookie', domain, [cookieA, cookieB], 'ok'],
])('%s: %s must match %s', async (_id, name, pattern, values, reason) => {
  const sent = values.map((value) => `${name === 'content-type' ? 'Content-Type' : name}: ${value}`)
  expect(await reasonOf(say(answerBytes('', sent)), { headers: [{ name, pattern }] })).toBe(reason)
})

test('PH01: over TLS every phase of a connection to an address is there, and they add up', async () => {
  await using server = await startRawServer(say(answerBytes('')), {
    tls: { cert: selfSigned.cert, key: selfSigned.key },
  })
  const check = { tls: { insecure: true, minVersion: 'TLSv1.2' } } as const
  const { phaseMs, totalMs } = await probeOnce({ port: server.port, target: { scheme: 'https' }, check })
  expect(Object.keys(phaseMs)).toEqual(['connect', 'tls', 'request', 'wait', 'transfer'])
  const times = Object.values(phaseMs)
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0)
  expect(times.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(totalMs + 1e-6)
})
