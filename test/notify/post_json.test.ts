/** Messages over TLS, to a real server with a certificate of a private authority that asks for one of ours, too. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TlsSettings } from '../../src/model/farm.ts'
import { postingTo } from '../../src/notify/post_json.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { makeCertificate } from '../support/servers/certificates.ts'

const authorization = `Basic ${Buffer.from('farmprobe:s3cret').toString('base64')}`
const usual = { insecure: false, minVersion: 'TLSv1.2' } as const
const seen: (string | undefined)[] = []
let server: ReturnType<typeof createServer>
let trusted: TlsSettings
let ca: string

beforeAll(async () => {
  const authority = await makeCertificate({ names: ['our authority'], ca: true })
  const own = await makeCertificate({ names: ['localhost'], by: authority })
  const client = await makeCertificate({ names: ['farmprobe'], by: authority })
  ca = authority.cert
  trusted = { ...usual, ca, cert: client.cert, key: client.key }
  server = createServer({ cert: own.cert, key: own.key, ca, requestCert: true }, (request, response) => {
    seen.push(request.headers.authorization)
    response.statusCode = request.headers.authorization === authorization ? 200 : 401
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const post = (host: string, tls: TlsSettings, more: object = { authorization }) => {
  const url = `https://${host}:${(server.address() as AddressInfo).port}/api/v2/alerts`
  return postingTo({ name: 'am', url, headers: [], tls, ...more }, systemClock)(
    '[]',
    new AbortController().signal,
  )
}

test('reach a server of a private authority, with certificate and password', async () => {
  expect(await post('localhost', trusted)).toEqual({ ok: true })
  expect(seen).toEqual([authorization])
})

test('say so when the password is missing, and are not sent again', async () => {
  expect(await post('localhost', trusted, {})).toMatchObject({
    ok: false,
    isFinal: true,
    why: 'it answered 401',
  })
})

test.each([
  ['an authority that is not trusted', 'localhost', () => usual, /certificate/],
  ['another name', '127.0.0.1', () => trusted, /certificate/],
  // With TLS 1.3 the server refuses after the handshake, and ends the connection at once.
  ['a certificate that it does not get', 'localhost', () => ({ ...usual, ca }), /certificate|broke off/],
] as const)('do not go to a server with %s', async (_what, host, tls, why) => {
  const before = seen.length
  expect(await post(host, tls())).toMatchObject({
    ok: false,
    isFinal: false,
    why: expect.stringMatching(why),
  })
  expect(seen).toHaveLength(before)
})
