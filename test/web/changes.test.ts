import { type ClientHttp2Session, connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Protection } from '../../src/web/guard/protection.ts'
import type { Ports } from '../../src/web/web_ports.ts'
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts'
import { requestBytes, rudeClient } from '../support/servers/rude_client.ts'
import { loopbackWeb } from '../support/web/loopback_web.ts'

let pair: Certificate
beforeAll(async () => {
  pair = await makeCertificate({ names: ['farmprobe.example.org'] })
})

/** Each change that can be made over HTTP, and its answer; `done` has what was called. */
const changes = [
  ['POST', '/-/reload', '', 200, 'reload'],
  ['PUT', '/-/reload', '', 200, 'reload'],
  ['POST', '/api/v1/marks', '{"text":"x"}', 201, 'mark'],
  ['POST', '/api/v1/maintenance', '{"farm":"intranet","for":"1h"}', 200, 'maintain'],
] as const

function changing(done: string[]): Partial<Ports> {
  return {
    reload: async () => done.push('reload') > 0,
    mark: () => void done.push('mark'),
    maintain: () => done.push('maintain') > 0,
  }
}

const json = 'Content-Type: application/json'

/** The body with its length announced, or in two pieces. */
const sized = (body: string) => [json, `Content-Length: ${body.length}`, '', body].join('\r\n')
const chunked = (body: string) => {
  const half = Math.ceil(body.length / 2)
  const pieces = [body.slice(0, half), body.slice(half)].filter((piece) => piece !== '')
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
  return [json, 'Transfer-Encoding: chunked', '', `${chunks.join('')}0\r\n\r\n`].join('\r\n')
}

const close = 'Connection: close\r\n'
const forms: [form: string, bytes: (method: string, path: string, body: string) => string][] = [
  [
    'HTTP/1.1',
    (method, path, body) => `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${close}${sized(body)}`,
  ],
  [
    'HTTP/1.1, chunked',
    (method, path, body) => `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${close}${chunked(body)}`,
  ],
  ['HTTP/1.0', (method, path, body) => `${method} ${path} HTTP/1.0\r\nHost: localhost\r\n${sized(body)}`],
  ['HTTP/1.0 without a Host', (method, path, body) => `${method} ${path} HTTP/1.0\r\n${sized(body)}`],
]

async function answerTo(port: number, bytes: string): Promise<string> {
  const client = await rudeClient(port)
  client.socket.write(bytes)
  await client.ended
  return client.received()
}

describe.each(changes)('%s %s', (method, path, body, status, call) => {
  test.each(forms)('is done over %s', async (_form, bytes) => {
    const done: string[] = []
    const web = await loopbackWeb({ ports: changing(done) })
    expect(await answerTo(web.port, bytes(method, path, body))).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(done).toEqual([call])
  })

  test.each([true, false])('is done over HTTP/2, its length announced: %s', async (announced) => {
    const done: string[] = []
    const { tls }: Pick<Protection, 'tls'> = {
      tls: { context: { cert: pair.cert, key: pair.key }, http2: true, clientAuth: 'NoClientCert' },
    }
    const first: Protection = { headers: {}, users: new Map(), tls }
    const web = await loopbackWeb({
      ports: changing(done),
      protection: { first, current: () => Promise.resolve(first) },
    })
    const session = connect(web.url, { rejectUnauthorized: false })
    expect(await askHttp2(session, method, path, body, announced)).toBe(status)
    session.destroy()
    expect(done).toEqual([call])
  })
})

async function askHttp2(
  session: ClientHttp2Session,
  method: string,
  path: string,
  body: string,
  announced: boolean,
): Promise<number | undefined> {
  session.on('error', () => undefined)
  const stream = session.request({
    ':method': method,
    ':path': path,
    'content-type': 'application/json',
    ...(announced && { 'content-length': body.length }),
  })
  const answered = new Promise<number | undefined>((resolve) =>
    stream.on('response', (headers) => resolve(headers[':status'])),
  )
  stream.end(body)
  await text(stream)
  return answered
}

test('a change without a body and without its length is done', async () => {
  const done: string[] = []
  const web = await loopbackWeb({ ports: changing(done) })
  const answer = await answerTo(web.port, requestBytes('/-/reload', ['Connection: close'], 'POST'))
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(done).toEqual(['reload'])
})

test('a body that is chunked and too large is refused, and the connection ends', async () => {
  const web = await loopbackWeb({ ports: changing([]) })
  const answer = await answerTo(
    web.port,
    `POST /api/v1/marks HTTP/1.1\r\nHost: localhost\r\n${chunked('x'.repeat(70_000))}`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
})
