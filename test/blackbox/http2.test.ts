import { once } from 'node:events'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { startHttpServer } from '../support/servers/http_server.ts'
import { type Play, startRawServer } from '../support/servers/raw_server.ts'

const insecure = { tls_config: { insecure_skip_verify: true } }

/** A server whose streams do what they like. */
async function startStreams(serve: (stream: ServerHttp2Stream) => void) {
  const server: Http2SecureServer = createSecureServer(await makeCertificate())
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => {})))
  server.on('sessionError', () => {})
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {})
    serve(stream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

test('a request carries what it carries over HTTP/1.1', async () => {
  let seen: Record<string, unknown> = {}
  await using site = await startHttpServer(
    ({ method, headers }, response, body) => {
      seen = { method, ...headers, body }
      response.end('hello')
    },
    { tls: await makeCertificate(), http2: true },
  )
  const http = {
    ...insecure,
    method: 'POST',
    body: 'ping',
    headers: { Host: 'shop.example.org', 'X-One': '1' },
    http_headers: { 'X-Two': { values: ['a', 'b'] } },
    bearer_token: 'abc',
  }
  const { metrics } = await probeOnDemand(`https://127.0.0.1:${site.port}/`, { http })
  expect(metrics).toMatchObject({
    probe_success: 1,
    probe_http_version: 2,
    probe_http_uncompressed_body_length: 5,
  })
  expect(seen).toMatchObject({
    method: 'POST',
    ':authority': 'shop.example.org',
    'x-one': '1',
    'x-two': 'a, b',
    authorization: 'Bearer abc',
    body: 'ping',
  })
})

test('a body is counted and judged, however many pieces it comes in', async () => {
  await using server = await startStreams((stream) => {
    stream.respond({ ':status': 200, 'content-length': 300_000 })
    stream.end('x'.repeat(299_999) + 'y')
  })
  const { metrics } = await probeOnDemand(server.url, {
    http: { ...insecure, fail_if_body_not_matches_regexp: ['xy$'] },
  })
  expect(metrics).toMatchObject({
    probe_success: 1,
    probe_http_content_length: 300_000,
    probe_http_uncompressed_body_length: 300_000,
  })
})

test('interim answers are passed over', async () => {
  await using server = await startStreams((stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>' })
    stream.respond({ ':status': 204 }, { endStream: true })
  })
  const { metrics } = await probeOnDemand(server.url, { http: insecure })
  expect(metrics).toMatchObject({
    probe_success: 1,
    probe_http_status_code: 204,
    probe_http_content_length: 0,
  })
})

test.each<[string, (stream: ServerHttp2Stream) => void, number]>([
  ['resets the stream', (stream) => stream.close(2), 0],
  ['closes the connection', (stream) => stream.session?.destroy(), 0],
  ['goes away', (stream) => stream.session?.goaway(1), 0],
  [
    'closes the connection in the body',
    (stream) => {
      stream.respond({ ':status': 200, 'content-length': 100 })
      stream.write('only this', () => stream.session?.destroy())
    },
    200,
  ],
  [
    'ends the stream in the middle of the body',
    (stream) => {
      stream.respond({ ':status': 200, 'content-length': 100 })
      stream.write('only this', () => stream.close(2))
    },
    200,
  ],
  ['is silent', () => {}, 0],
])('a server that %s fails the probe', async (_how, serve, status) => {
  await using server = await startStreams(serve)
  const { metrics, log } = await probeOnDemand(server.url, { http: insecure, timeoutMs: 500 })
  expect(metrics).toMatchObject({
    probe_success: 0,
    probe_http_status_code: status,
  })
  expect(log).toContain('msg="Error for HTTP request"')
  expect(log).not.toContain('farmprobe failed')
})

test.each<[string, Play, ((socket: Socket) => void) | undefined]>([
  ['what is not HTTP/2', (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n'), undefined],
  ['frames that are none', (socket) => void socket.end(Buffer.alloc(5000, 255)), undefined],
  ['garbage before it is asked', () => {}, (socket) => void socket.write(Buffer.alloc(100, 7))],
  ['nothing, and closes', (socket) => void socket.destroy(), (socket) => void socket.end()],
])('a server that sends %s fails the probe', async (_what, play, greet) => {
  const tls = { ...(await makeCertificate()), ALPNProtocols: ['h2'] }
  await using server = await startRawServer(play, {
    tls,
    greet: greet ?? ((socket) => socket.once('data', () => play(socket, '', 0))),
  })
  const { metrics, log } = await probeOnDemand(`https://127.0.0.1:${server.port}/`, {
    http: insecure,
    timeoutMs: 1000,
  })
  expect(metrics).toMatchObject({ probe_success: 0, probe_http_status_code: 0 })
  expect(log).not.toContain('farmprobe failed')
  await server.deserted()
})

test.each(['TLS12', 'TLS13'])(
  'over %s, what comes together with the end of the handshake is not lost',
  async (version) => {
    await using server = await startStreams((stream) => {
      stream.respond({ ':status': 200 })
      stream.end('hello')
    })
    await using proxy = await startGathering(Number(new URL(server.url).port))
    const http = { tls_config: { insecure_skip_verify: true, max_version: version } }
    const { metrics } = await probeOnDemand(`https://127.0.0.1:${proxy.port}/`, { http, timeoutMs: 5000 })
    expect(metrics).toMatchObject({
      probe_success: 1,
      probe_http_version: 2,
      probe_http_uncompressed_body_length: 5,
    })
  },
)

/** A proxy that passes on what the server says some milliseconds late, and so in one piece what it says in several. */
async function startGathering(port: number) {
  const sockets: Socket[] = []
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    sockets.push(
      client.on('error', () => {}),
      server.on('error', () => {}),
    )
    let gathered: Buffer[] = []
    client.pipe(server)
    server.on('data', (piece: Buffer) => {
      if (gathered.push(piece) > 1) return
      systemClock.after(30, () => {
        client.write(Buffer.concat(gathered))
        gathered = []
      })
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(proxy, 'close')
      proxy.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
