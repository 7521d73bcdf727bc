import { expect, test } from 'vitest'
import { probeOnce } from '../support/probes/probe_once.ts'
import { answerBytes, type Play, say, startRawServer } from '../support/servers/raw_server.ts'

const to = (location: string, status = '302 Found', headers: readonly string[] = []) =>
  answerBytes('moved', [`Location: ${location}`, ...headers], status)

/** Answers by the path asked for. */
const routes =
  (table: Readonly<Record<string, Buffer>>): Play =>
  (socket, request) =>
    void socket.end(table[request.split(' ')[1] as string] ?? answerBytes('lost', [], '404 Not Found'))

const pinned = { redirects: 'pinned' } as const
const firstLines = (requests: readonly string[]) => requests.map((request) => request.split('\r\n')[0])

test('redirects are not followed unless the check asks for it', async () => {
  await using server = await startRawServer(say(to('/home')))
  expect(await probeOnce({ port: server.port })).toMatchObject({ reason: 'ok', status: 302 })
  expect(server.connections).toBe(1)
})

test.each([
  '/home',
  'home',
  'http://intranet.example.org/home',
  'http://INTRANET.example.org:80/home#top',
  '//intranet.example.org/home',
])('a redirect to %s stays on the site and is followed on the same target', async (location) => {
  await using server = await startRawServer(routes({ '/': to(location), '/home': answerBytes() }))
  const outcome = await probeOnce({ port: server.port, check: pinned })
  expect(outcome).toMatchObject({
    reason: 'ok',
    status: 200,
    bodyBytes: 7,
    address: `127.0.0.1:${server.port}`,
  })
  expect(firstLines(server.requests)).toEqual(['GET / HTTP/1.1', 'GET /home HTTP/1.1'])
  expect(server.requests.every((request) => request.includes('\r\nHost: intranet.example.org\r\n'))).toBe(
    true,
  )
  await server.deserted()
})

test.each([
  ['another host', 'http://login.example.org/', '"http://login.example.org"'],
  ['another port', 'http://intranet.example.org:8080/', '"http://intranet.example.org:8080"'],
  ['another scheme', 'https://intranet.example.org/', '"https://intranet.example.org"'],
  ["the node's own address", 'http://127.0.0.1/', '"http://127.0.0.1"'],
  ['no web address at all', 'javascript:alert(1)', '"javascript:"'],
])('a redirect to %s leaves the target', async (_where, location, shown) => {
  await using server = await startRawServer(say(to(location)))
  const outcome = await probeOnce({ port: server.port, check: pinned })
  expect(outcome).toMatchObject({ reason: 'redirect', status: 302, evidence: { bodyStart: 'moved' } })
  expect(outcome.detail).toBe(`The answer redirects to ${shown}, off the site.`)
  expect(server.connections).toBe(1)
})

test('a location that is no URL is a redirect that fails', async () => {
  await using server = await startRawServer(say(to('http://[')))
  expect(await probeOnce({ port: server.port, check: pinned })).toMatchObject({
    reason: 'redirect',
    detail: 'The answer redirects to "http://[", no URL.',
  })
})

test('ten redirects are followed, the eleventh is not', async () => {
  await using server = await startRawServer((socket, _, index) => void socket.end(to(`/${index + 1}`)))
  const outcome = await probeOnce({ port: server.port, check: pinned })
  expect(outcome).toMatchObject({
    reason: 'redirect',
    status: 302,
    detail: 'The answer redirects for more than 10 times.',
  })
  expect(server.requests).toHaveLength(11)
})

test('a redirect that is final is judged as it is', async () => {
  await using server = await startRawServer(say(answerBytes('', [], '304 Not Modified')))
  expect(await probeOnce({ port: server.port, check: pinned })).toMatchObject({ reason: 'ok', status: 304 })
})

test.each([
  ['301 Moved Permanently', 'POST', 'GET /home HTTP/1.1'],
  ['302 Found', 'PUT', 'PUT /home HTTP/1.1'],
  ['303 See Other', 'PUT', 'GET /home HTTP/1.1'],
  ['303 See Other', 'HEAD', 'HEAD /home HTTP/1.1'],
  ['307 Temporary Redirect', 'POST', 'POST /home HTTP/1.1'],
  ['308 Permanent Redirect', 'POST', 'POST /home HTTP/1.1'],
])('after %s, %s becomes %s', async (status, method, next) => {
  const play: Play = (socket, request, index) => {
    const answer = index === 0 ? to('/home', status) : answerBytes()
    socket.end(request.startsWith('HEAD') ? answer.subarray(0, answer.indexOf('\r\n\r\n') + 4) : answer)
  }
  await using server = await startRawServer(play)
  const outcome = await probeOnce({
    port: server.port,
    check: { ...pinned, method, body: method === 'HEAD' ? '' : 'form' },
  })
  expect(outcome.reason).toBe('ok')
  expect(firstLines(server.requests)[1]).toBe(next)
  expect(server.requests[1]?.endsWith('form')).toBe(next.startsWith('P'))
})

test('cookies that a redirect sets are sent back, and those it removes are not', async () => {
  const cookies = [
    'Set-Cookie: seen=1; Path=/; HttpOnly',
    'Set-Cookie: old=; Max-Age=0',
    'Set-Cookie: lang=de',
  ]
  await using server = await startRawServer(
    routes({ '/': to('/home', '302 Found', cookies), '/home': answerBytes() }),
  )
  const headers = [['Cookie', 'old=1; mine=2']] as const
  await probeOnce({ port: server.port, check: { ...pinned, headers } })
  const sent = server.requests.map((request) => /^Cookie: (.*)\r$/m.exec(request)?.[1])
  expect(sent).toEqual(['old=1; mine=2', 'mine=2; seen=1; lang=de'])
})

test('a cookie of a redirect goes back as from a browser: only to its path, and only over TLS when it is secure', async () => {
  const cookies = [
    'Set-Cookie: all=1; Path=/',
    'Set-Cookie: elsewhere=1; Path=/other',
    'Set-Cookie: tls=1; Path=/; Secure',
    'Set-Cookie: foreign=1; Domain=example.net',
  ]
  const table = { '/': to('/home', '302 Found', cookies), '/home': answerBytes() }
  await using server = await startRawServer(routes(table))
  const cookieTo = async (scheme: 'http' | 'https') => {
    const start = server.requests.length
    await probeOnce({ port: server.port, check: pinned, site: { scheme } })
    return /^Cookie: (.*)\r$/m.exec(server.requests[start + 1] ?? '')?.[1]
  }
  expect([await cookieTo('http'), await cookieTo('https')]).toEqual(['all=1', 'all=1; tls=1'])
})

test('a redirect with an empty Location is judged as it is', async () => {
  await using server = await startRawServer(say(to('')))
  expect(await probeOnce({ port: server.port, check: pinned })).toMatchObject({ reason: 'ok', status: 302 })
  expect(server.connections).toBe(1)
})

test('the times of all hops add up', async () => {
  const pauseMs = 100
  const play: Play = (socket, _request, index) =>
    void setTimeout(() => socket.end(index === 0 ? to('/home') : answerBytes()), pauseMs)
  await using server = await startRawServer(play)
  const { phaseMs, firstByteMs, totalMs } = await probeOnce({ port: server.port, check: pinned })
  expect(phaseMs.wait).toBeGreaterThan(2 * pauseMs - 10)
  expect(firstByteMs).toBe(phaseMs.wait)
  expect(Object.values(phaseMs).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(totalMs + 1e-6)
})

test('one deadline covers all hops', async () => {
  await using server = await startRawServer((socket, _, index) => {
    setTimeout(() => socket.end(to(`/${index + 1}`)), 200)
  })
  const outcome = await probeOnce({ port: server.port, check: { ...pinned, timeoutMs: 500 } })
  expect(outcome).toMatchObject({ reason: 'first_byte_timeout', status: 0 })
  expect(outcome.totalMs).toBeLessThan(1000)
  expect(server.requests).toHaveLength(3)
})

test('a check that reuses its connection follows redirects on it', async () => {
  await using server = await startRawServer((socket, _, index) => {
    socket.write(index === 0 ? to('/home') : answerBytes())
  })
  const outcome = await probeOnce({ port: server.port, check: { ...pinned, connection: 'reuse' } })
  expect(outcome).toMatchObject({ reason: 'ok', status: 200 })
  expect(server.connections).toBe(1)
})

/** A balancer that sends a client to `/login`, which answers by `last`. */
const toLogin = (first: readonly string[], last: Buffer | 'reset'): Play => {
  const login: Play = (socket) => void (last === 'reset' ? socket.resetAndDestroy() : socket.end(last))
  return (socket, request, index) =>
    request.startsWith('GET /login ')
      ? login(socket, request, index)
      : void socket.end(to('/login', '302 Found', first))
}
const badGateway = (headers: readonly string[] = []) => answerBytes('', headers, '502 Bad Gateway')
const affinity = 'Set-Cookie: ARRAffinity=web02; Path=/'

test.each([
  ['its cookie, set by the redirect', { cookie: 'ARRAffinity' }, [affinity], answerBytes(), 'web02'],
  [
    'its cookie, though the last answer is a 502',
    { cookie: 'ARRAffinity' },
    [affinity],
    badGateway(),
    'web02',
  ],
  ['its cookie, though no last answer came', { cookie: 'ARRAffinity' }, [affinity], 'reset', 'web02'],
  [
    'its cookie, set again by the last answer',
    { cookie: 'ARRAffinity' },
    [affinity],
    answerBytes('', ['Set-Cookie: ARRAffinity=web01']),
    'web01',
  ],
  ['a header of the redirect', { header: 'X-Node' }, ['X-Node: web02'], answerBytes(), 'web02'],
  [
    'a header of the last answer',
    { header: 'X-Node' },
    ['X-Node: web02'],
    badGateway(['X-Node: web01']),
    'web01',
  ],
  [
    'nothing, when the balancer made the last answer',
    { header: 'X-Node' },
    ['X-Node: web02'],
    badGateway(),
    undefined,
  ],
  ['nothing, when no last answer came', { header: 'X-Node' }, ['X-Node: web02'], 'reset', undefined],
] as const)('after a redirect the node is named by %s', async (_by, servedBy, first, last, node) => {
  await using server = await startRawServer(toLogin(first, last))
  const outcome = await probeOnce({ port: server.port, check: pinned, farm: { servedBy } })
  expect(outcome.servedBy).toBe(node)
  expect(server.requests).toHaveLength(2)
})

const named = (worker: string) => [`{"worker":"${worker}"}`, [`X-Worker: ${worker}`]] as const

test.each([
  ['a header', { header: 'X-Worker' }],
  ['JSON', { json: '/worker' }],
  ['an expression', { body: String.raw`w-\d+` }],
])('the identity is that of the last hop that has one in %s', async (_where, identity) => {
  const redirect = (worker: string) => {
    const [body, headers] = named(worker)
    return answerBytes(body, [...headers, 'Location: /home'], '302 Found')
  }
  const identityAfter = async (home: Buffer) => {
    await using server = await startRawServer(routes({ '/': redirect('w-1'), '/home': home }))
    return (await probeOnce({ port: server.port, check: { ...pinned, identity } })).identity
  }
  expect(await identityAfter(answerBytes(...named('w-2')))).toBe('w-2')
  expect(await identityAfter(answerBytes())).toBe('w-1')
})
