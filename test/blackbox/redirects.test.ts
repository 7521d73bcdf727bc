import { expect, test } from 'vitest'
import { mayProbe } from '../../src/addresses/allowed_target.ts'
import type { Resolve } from '../../src/probe/connect/resolve.ts'
import { everything, probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { type HttpServer, startHttpServer } from '../support/servers/http_server.ts'
import { answerBytes, startRawServer } from '../support/servers/raw_server.ts'

const loopback =
  (...names: string[]): Resolve =>
  async (host) => {
    if (names.includes(host)) return [{ address: '127.0.0.1', family: 4 }]
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }

const only = (...hosts: string[]) => ({ patterns: hosts.map((host) => ({ host })), places: new Map() })

/** Sends every request for `/` to a URL, and notes the headers of all. */
async function redirecting(to: (server: HttpServer) => string) {
  const seen: Record<string, string | string[] | undefined>[] = []
  const server = await startHttpServer(({ url, headers }, response) => {
    seen.push(headers)
    if (url === '/') response.writeHead(302, { Location: to(server) }).end()
    else response.end('there')
  })
  return { server, seen }
}

test('a redirect off the allowed targets fails, and is logged', async () => {
  await using other = await startHttpServer((_, response) => void response.end('secret'))
  const { server } = await redirecting(() => `http://evil.example.net:${other.port}/x`)
  await using _ = server
  const resolve = loopback('shop.example.org', 'evil.example.net')
  const { metrics, log } = await probeOnDemand(`http://shop.example.org:${server.port}/`, {
    allowed: only('shop.example.org'),
    resolve,
  })
  expect(metrics).toMatchObject({ probe_success: 0, probe_http_status_code: 302, probe_http_redirects: 1 })
  expect(log).toContain(
    `msg="Redirect not followed" why="http://evil.example.net:${other.port} is neither a host of a farm nor listed in blackbox.allow"`,
  )
  expect(other.asked).toEqual([])
})

test('a redirect that is allowed is followed', async () => {
  await using other = await startHttpServer((_, response) => void response.end('here'))
  const { server } = await redirecting(() => `http://other.example.org:${other.port}/x`)
  await using _ = server
  const { metrics } = await probeOnDemand(`http://shop.example.org:${server.port}/`, {
    allowed: only('shop.example.org', 'other.example.org'),
    resolve: loopback('shop.example.org', 'other.example.org'),
  })
  expect(metrics).toMatchObject({ probe_success: 1, probe_http_redirects: 1 })
  expect(other.asked).toEqual(['/x'])
})

test('a redirect to a metadata service, by name or by address, is not followed', async () => {
  for (const [to, said] of [
    ['http://169.254.169.254/latest/', 'http://169.254.169.254 is neither'],
    [
      'http://meta.example.org/latest/',
      'The name meta.example.org leads to 169.254.169.254, a link-local address',
    ],
  ] as const) {
    const { server } = await redirecting(() => to)
    await using _ = server
    const { metrics, log } = await probeOnDemand(`http://127.0.0.1:${server.port}/`, {
      resolve: async () => [{ address: '169.254.169.254', family: 4 }],
    })
    expect(metrics.probe_success).toBe(0)
    expect(log).toContain(said)
  }
})

test('a name is looked up once, and the connection goes to the address that was looked at', async () => {
  await using server = await startHttpServer((_, response) => void response.end())
  let asked = 0
  const { metrics } = await probeOnDemand(`http://shop.example.org:${server.port}/`, {
    resolve: async () => [{ address: ++asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }],
  })
  expect(metrics.probe_success).toBe(1)
  expect(asked).toBe(1)
})

test('a name with the address of a metadata service is not probed, whatever is allowed', async () => {
  const { metrics, log } = await probeOnDemand('http://shop.example.org/', {
    allowed: everything,
    resolve: async () => [{ address: '::ffff:169.254.169.254', family: 6 }],
  })
  expect(metrics).toMatchObject({ probe_success: 0, probe_ip_protocol: 0 })
  expect(log).toContain('a link-local address')
})

test('a redirect to the hostname that was asked for stays on the node', async () => {
  const { server, seen } = await redirecting(({ port }) => `http://shop.example.org:${port}/in`)
  await using _ = server
  const { metrics } = await probeOnDemand(`http://127.0.0.1:${server.port}/`, {
    hostname: 'shop.example.org',
    allowed: only('127.0.0.1'),
    resolve: loopback(),
  })
  expect(metrics).toMatchObject({ probe_success: 1, probe_http_redirects: 1 })
  expect(seen.map(({ host }) => host)).toEqual(['shop.example.org', 'shop.example.org'])
  expect(server.asked).toEqual(['/', '/in'])
})

test('cookies that are not ASCII are sent as they are written, and come back as they were set', async () => {
  const asked: (string | undefined)[] = []
  await using server = await startRawServer((socket, request) => {
    asked.push(/\r\ncookie: ([^\r]*)/i.exec(request)?.[1])
    const isFirst = request.startsWith('GET / ')
    const set = Buffer.from(
      'HTTP/1.1 302 Found\r\nLocation: /in\r\nSet-Cookie: name=Zoë; Path=/\r\nContent-Length: 0\r\n\r\n',
    )
    socket.end(isFirst ? set : answerBytes())
  })
  const { metrics } = await probeOnDemand(`http://127.0.0.1:${server.port}/`, {
    http: { headers: { Cookie: 'city=Łódź' } },
  })
  expect(metrics.probe_success).toBe(1)
  // Read byte by byte.
  const texts = asked.map((cookie = '') => Buffer.from(cookie, 'latin1').toString())
  expect(texts).toEqual(['city=Łódź', 'city=Łódź; name=Zoë'])
})

test('an Authorization header of a module is sent in the place of its credentials, as the exporter does', async () => {
  const asked: (string | undefined)[] = []
  await using server = await startHttpServer(({ headers }, response) => {
    asked.push(headers.authorization)
    response.end()
  })
  await probeOnDemand(`http://127.0.0.1:${server.port}/`, {
    http: { headers: { authorization: 'Token own' }, basic_auth: { username: 'u', password: 'p' } },
  })
  expect(asked).toEqual(['Token own'])
})

test("the target's secrets are not sent elsewhere", async () => {
  const elsewhere: Record<string, string | string[] | undefined>[] = []
  await using other = await startHttpServer(({ headers }, response) => {
    elsewhere.push(headers)
    response.end()
  })
  const { server, seen } = await redirecting(() => `http://other.example.org:${other.port}/x`)
  await using _ = server
  await probeOnDemand(`http://shop.example.org:${server.port}/`, {
    http: { bearer_token: 'hush', headers: { Cookie: 'session=hush', 'X-Plain': 'seen' } },
    resolve: loopback('shop.example.org', 'other.example.org'),
  })
  expect(seen[0]).toMatchObject({ authorization: 'Bearer hush', cookie: 'session=hush', 'x-plain': 'seen' })
  expect(elsewhere[0]).toMatchObject({
    'x-plain': 'seen',
    referer: `http://shop.example.org:${server.port}/`,
  })
  expect(JSON.stringify(elsewhere)).not.toContain('hush')
})

test('a path that is not allowed is not reached by a redirect either', async () => {
  const { server } = await redirecting(() => '/admin')
  await using _ = server
  const allowed = {
    patterns: [{ scheme: 'http' as const, host: '127.0.0.1', port: server.port, path: '/app/' }],
    places: new Map(),
  }
  const destination = { scheme: 'http' as const, host: '127.0.0.1', port: server.port }
  expect(mayProbe({ ...destination, path: '/app/x' }, allowed)).toBe(true)
  const { metrics } = await probeOnDemand(`http://127.0.0.1:${server.port}/`, { allowed })
  expect(metrics.probe_success).toBe(0)
  expect(server.asked).toEqual([])
})

test('a redirect to what is no URL of HTTP fails, and is logged', async () => {
  const { server } = await redirecting(() => 'ftp://127.0.0.1/')
  await using _ = server
  const { metrics, log } = await probeOnDemand(`http://127.0.0.1:${server.port}/`)
  expect(metrics).toMatchObject({ probe_success: 0, probe_http_status_code: 302 })
  expect(log).toContain('msg="Redirect not followed" why="it leads to no URL of HTTP"')
})
