import { expect, test } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import { createRequestWriter, encodePath } from '../../../src/probe/exchange/request.ts'
import { orderFor, probeOnce, type Wish } from '../../support/probes/probe_once.ts'
import { answerBytes, say, startRawServer } from '../../support/servers/raw_server.ts'

/** The request of such a check as it arrives. */
async function written(
  check: NonNullable<Wish['check']>,
  site: NonNullable<Wish['site']> = {},
): Promise<string> {
  await using server = await startRawServer(say(answerBytes()))
  await probeOnce({ port: server.port, check, site })
  return server.requests[0] as string
}

test('a plain check sends exactly this', async () => {
  await using server = await startRawServer(say(answerBytes()))
  const { id } = await probeOnce({ port: server.port })
  expect(id).toBe('probe-1')
  expect(server.requests).toEqual([
    [
      'GET / HTTP/1.1',
      'Host: intranet.example.org',
      `User-Agent: farmprobe/${manifest.version}`,
      'Accept: */*',
      'X-Farmprobe-Id: probe-1',
      'Connection: close',
      '',
      '',
    ].join('\r\n'),
  ])
})

test('headers of the check come instead of our own', async () => {
  const text = await written({
    headers: [
      ['user-agent', 'unsuspicious'],
      ['ACCEPT', 'text/html'],
      ['X-A', '1'],
      ['X-A', '2'],
    ],
  })
  expect(text).toContain('\r\nuser-agent: unsuspicious\r\nACCEPT: text/html\r\nX-A: 1\r\nX-A: 2\r\n')
  expect(text).not.toContain('farmprobe/')
  expect(text).not.toContain('*/*')
})

test('authorization is sent as it is', async () => {
  expect(await written({ authorization: 'Basic dXNlcjpwdw==' })).toContain(
    '\r\nAuthorization: Basic dXNlcjpwdw==\r\n',
  )
})

test('a header Authorization of the check comes instead of its credentials', async () => {
  // `check` refuses such a pair in a file.
  const text = await written({ authorization: 'Basic dXNlcjpwdw==', headers: [['authorization', 'Own x']] })
  expect(text).toContain('\r\nauthorization: Own x\r\n')
  expect(text).not.toContain('Basic')
})

test('a body is sent with its length in bytes, as UTF-8', async () => {
  await using server = await startRawServer(say(answerBytes()))
  await probeOnce({ port: server.port, check: { method: 'POST', body: 'Grüße' } })
  const [request = ''] = server.requests
  expect(request).toContain('\r\nContent-Length: 7\r\n')
  expect(Buffer.from(request, 'latin1').toString('utf8').endsWith('\r\n\r\nGrüße')).toBe(true)
})

test('a POST without a body has a length of 0, a GET has none', async () => {
  expect(await written({ method: 'POST' })).toContain('\r\nContent-Length: 0\r\n')
  expect(await written({})).not.toContain('Content-Length')
})

test.each([
  ['/', '/?_farmprobe=probe-1'],
  ['/a?b=c', '/a?b=c&_farmprobe=probe-1'],
  ['/a?', '/a?_farmprobe=probe-1'],
  ['/a?b&', '/a?b&_farmprobe=probe-1'],
  ['/a#top', '/a?_farmprobe=probe-1'],
])('cache busting turns %s into %s', async (path, sent) => {
  expect((await written({ path, cacheBust: true })).split(' ')[1]).toBe(sent)
})

test.each([
  ['/a b', '/a%20b'],
  ['/grün?x=ö', '/gr%C3%BCn?x=%C3%B6'],
  ['/a%20b/../c', '/a%20b/../c'],
  ['health', '/health'],
  ['/\ud800', '/%EF%BF%BD'],
  ['/a\r\nX: y', '/a%0D%0AX:%20y'],
])('the path %j is sent as %s', (path, sent) => {
  expect(encodePath(path)).toBe(sent)
})

test('the Host is the site’s, also with an address and a port of its own', async () => {
  expect(await written({}, { scheme: 'http', port: 8080 })).toContain(
    '\r\nHost: intranet.example.org:8080\r\n',
  )
})

test('a header with a line break never leaves', () => {
  const { check, farm } = orderFor({ port: 80, check: { headers: [['X', 'a\r\nb']] } })
  expect(() => createRequestWriter(check, farm.site)).toThrow('a header of the request holds a line break')
})
