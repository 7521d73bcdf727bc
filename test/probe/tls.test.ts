import { createSecureContext, type TLSSocket } from 'node:tls'
import { beforeAll, expect, test } from 'vitest'
import type { Check } from '../../src/model/farm.ts'
import { never, orderFor, probeOnce, startProber, type Wish } from '../support/probes/probe_once.ts'
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts'
import {
  answerBytes,
  type RawOptions,
  type RawServer,
  say,
  startRawServer,
} from '../support/servers/raw_server.ts'

/** 1024 bits. */
const smallDh = `-----BEGIN DH PARAMETERS-----
MIGHAoGBAPqbJYd16dnmH+dMTngMVtJ92H/ywrPWCqC3bZlzAiYDKamwdmuLRTVe
kzhV+IZUVf0BoT0s1KnaryhEWZJtwa9RSt0YzvLAV7wLYgzWs/KhtR36xrwsEQ3B
Iw6yPkPzO9ruDlT85h6aIBb6V6oKC1k5baPMLW2Vzkn5qEMD8vpPAgEC
-----END DH PARAMETERS-----`

let ca: Certificate
let good: Certificate

beforeAll(async () => {
  ca = await makeCertificate({ names: ['farmprobe test CA'], ca: true })
  good = await makeCertificate({ by: ca })
})

const pem = (...chain: Certificate[]) => chain.map(({ cert }) => cert).join('\n')

const serve = (certificate: Certificate, options: RawOptions['tls'] = {}, greet?: RawOptions['greet']) =>
  startRawServer(say(answerBytes('Welcome', ['Connection: close'])), {
    tls: { cert: certificate.cert, key: certificate.key, ...options },
    ...(greet && { greet }),
  })

function wish({ port }: RawServer, tls: Partial<Check['tls']> = {}, more: Omit<Wish, 'port'> = {}): Wish {
  const settings = { insecure: false, minVersion: 'TLSv1.2', ca: ca.cert, ...tls } as const
  return {
    port,
    ...more,
    target: { scheme: 'https', ...more.target },
    check: { tls: settings, ...more.check },
  }
}

test("a private CA is trusted and the certificate is checked against the site's name, not the address", async () => {
  await using server = await serve(good)
  const outcome = await probeOnce(wish(server))
  expect(outcome).toMatchObject({
    reason: 'ok',
    address: `127.0.0.1:${server.port}`,
    notAfterMs: good.notAfterMs,
  })
  expect(Object.keys(outcome.phaseMs)).toEqual(['connect', 'tls', 'request', 'wait', 'transfer'])
})

test('the server sees the name of the site, and HTTP/1.1 as the only protocol', async () => {
  const seen: unknown[] = []
  await using server = await serve(good, { ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    const { servername, alpnProtocol } = socket as TLSSocket
    seen.push({ servername, alpnProtocol })
  })
  const outcome = await probeOnce(wish(server))
  expect(outcome.reason).toBe('ok')
  expect(seen).toEqual([{ servername: 'intranet.example.org', alpnProtocol: 'http/1.1' }])
  expect(server.requests[0]).toContain('\r\nHost: intranet.example.org\r\n')
})

test('a site named by an IP address sends no server name and needs the address in the certificate', async () => {
  const byAddress = await makeCertificate({ names: ['x.example.org'], ips: ['10.9.8.7'], by: ca })
  const seen: unknown[] = []
  await using server = await serve(
    byAddress,
    {},
    (socket) => void seen.push((socket as TLSSocket).servername),
  )
  const right = await probeOnce(wish(server, {}, { site: { hostname: '10.9.8.7' } }))
  expect({ reason: right.reason, seen }).toEqual({ reason: 'ok', seen: [false] })
  const wrong = await probeOnce(wish(server, {}, { site: { hostname: '10.9.8.8' } }))
  expect(wrong.detail).toMatch(
    /it is for DNS:x\.example\.org, IP Address:10\.9\.8\.7, not for 10\.9\.8\.8\.$/,
  )
})

test('a certificate for another name is refused, and no request is sent', async () => {
  const other = await makeCertificate({ names: ['www.example.com'], by: ca })
  await using server = await serve(other)
  const outcome = await probeOnce(wish(server))
  expect(outcome).toMatchObject({ reason: 'tls', status: 0, notAfterMs: other.notAfterMs })
  expect(outcome.detail).toBe(
    `The certificate of 127.0.0.1:${server.port} is not accepted: it is for DNS:www.example.com, not for intranet.example.org.`,
  )
  await server.deserted()
  expect(server.requests).toEqual([])
})

test('an expired certificate is refused, and its expiry is known', async () => {
  const notAfter = new Date('2021-02-03T04:05:06Z')
  await using server = await serve(await makeCertificate({ notAfter, by: ca }))
  const outcome = await probeOnce(wish(server))
  expect(outcome).toMatchObject({ reason: 'tls', notAfterMs: notAfter.getTime() })
  expect(outcome.detail).toMatch(/is not accepted: it has expired\.$/)
  expect(Object.keys(outcome.phaseMs)).toEqual(['connect', 'tls'])
})

test('the earliest expiry of the chain counts', async () => {
  const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000)
  const intermediate = await makeCertificate({
    names: ['farmprobe intermediate'],
    ca: true,
    by: ca,
    notAfter: soon,
  })
  const leaf = await makeCertificate({ by: intermediate })
  await using server = await serve({ ...leaf, cert: `${leaf.cert}\n${intermediate.cert}` })
  expect(await probeOnce(wish(server))).toMatchObject({ reason: 'ok', notAfterMs: soon.getTime() })
})

test('an intermediate certificate that is renewed is seen, also where the certificate is the same', async () => {
  const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000)
  const name = { names: ['farmprobe intermediate'], ca: true, by: ca }
  const old = await makeCertificate({ ...name, notAfter: soon })
  const renewed = await makeCertificate({ ...name, keyOf: old })
  const leaf = await makeCertificate({ by: old })
  let issuer = old
  await using server = await serve(leaf, {
    SNICallback: (_name, done) => done(null, createSecureContext({ ...leaf, cert: pem(leaf, issuer) })),
  })
  const prober = startProber()
  const order = orderFor(wish(server))
  expect((await prober.probe(order, never)).notAfterMs).toBe(soon.getTime())
  issuer = renewed
  expect((await prober.probe(order, never)).notAfterMs).toBe(leaf.notAfterMs)
  await prober.close()
})

test.each([
  ['*.example.org', 'ok'],
  ['*.EXAMPLE.org', 'ok'],
  ['in*.example.org', 'tls'],
  ['*tranet.example.org', 'tls'],
  ['*', 'tls'],
  ['*.org', 'tls'],
  ['intranet.*.org', 'tls'],
  ['*.*.org', 'tls'],
  ['example.org', 'tls'],
])('a certificate for %s is for the hosts that browsers take it for', async (name, reason) => {
  await using server = await serve(await makeCertificate({ names: ['other.example.org', name], by: ca }))
  expect((await probeOnce(wish(server))).reason).toBe(reason)
})

test('a root that is only in our own store was not presented', async () => {
  const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000)
  const shortCa = await makeCertificate({ names: ['short CA'], ca: true, notAfter: soon })
  const leaf = await makeCertificate({ by: shortCa })
  await using server = await serve(leaf)
  expect(await probeOnce(wish(server, { ca: shortCa.cert }))).toMatchObject({
    reason: 'ok',
    notAfterMs: leaf.notAfterMs,
  })
})

test('what was sent beside the chain in use does not count, neither expired nor soon to expire', async () => {
  const name = ['new root']
  const newRoot = await makeCertificate({ names: name, ca: true })
  const oldRoot = await makeCertificate({ names: ['old root'], ca: true })
  const leaf = await makeCertificate({ by: newRoot })
  for (const notAfter of [new Date('2021-01-01T00:00:00Z'), new Date(Date.now() + 86_400_000)]) {
    const crossed = await makeCertificate({ names: name, ca: true, keyOf: newRoot, by: oldRoot, notAfter })
    await using server = await serve({ ...leaf, cert: pem(leaf, crossed) })
    const told = async (trusted: string) => (await probeOnce(wish(server, { ca: trusted }))).notAfterMs
    expect(await told(newRoot.cert)).toBe(leaf.notAfterMs)
    expect(await told(pem(newRoot, oldRoot))).toBe(leaf.notAfterMs)
    // Only the old root is known: the crossed certificate is needed, or misses.
    expect(await told(oldRoot.cert)).toBe(Math.floor(notAfter.getTime() / 1000) * 1000)
  }
})

test('a certificate that has no subject alternative name is for no host, whatever its common name', async () => {
  const named = [{ name: 'commonName', value: 'intranet.example.org' }]
  await using server = await serve(await makeCertificate({ names: [], subject: named, by: ca }))
  const { detail } = await probeOnce(wish(server))
  expect(detail).toMatch(
    /is not accepted: it has no subject alternative name, and so is for no host; intranet\.example\.org is needed\.$/,
  )
})

test('what is weak in a certificate is said, and accepted where the check is insecure', async () => {
  const weak = [
    [await makeCertificate({ bits: 1024 }), /its key is too weak\.$/],
    [
      await makeCertificate({ algorithm: 'sha1', by: ca }),
      /it is signed with a digest that is too weak, such as SHA-1\.$/,
    ],
  ] as const
  for (const [certificate, words] of weak) {
    await using server = await serve(certificate, { ciphers: 'DEFAULT:@SECLEVEL=0' })
    expect(await probeOnce(wish(server, { ca: `${ca.cert}\n${certificate.cert}` }))).toMatchObject({
      reason: 'tls',
      detail: expect.stringMatching(words),
    })
    expect(await probeOnce(wish(server, { insecure: true }))).toMatchObject({ reason: 'ok' })
  }
})

test('the small Diffie-Hellman keys of old servers are taken where the check is insecure', async () => {
  const rsa = await makeCertificate({ bits: 2048 })
  await using server = await serve(good, {
    maxVersion: 'TLSv1.2',
    ciphers: 'DHE-RSA-AES256-GCM-SHA384:@SECLEVEL=0',
    dhparam: smallDh,
    ...rsa,
  })
  expect((await probeOnce(wish(server, { ca: rsa.cert }))).detail).toMatch(/dh key too small\.$/)
  expect((await probeOnce(wish(server, { insecure: true }))).reason).toBe('ok')
})

test('a certificate of an unknown issuer is refused unless the check is insecure', async () => {
  const stranger = await makeCertificate()
  await using server = await serve(stranger)
  const strict = await probeOnce(wish(server))
  const lax = await probeOnce(wish(server, { insecure: true }))
  expect(strict).toMatchObject({ reason: 'tls', notAfterMs: stranger.notAfterMs })
  expect(strict.detail).toMatch(/it is self-signed\.$/)
  expect(lax).toMatchObject({ reason: 'ok', notAfterMs: stranger.notAfterMs })
})

test('a client certificate is presented', async () => {
  const client = await makeCertificate({ names: ['farmprobe'], by: ca })
  await using server = await serve(good, { requestCert: true, rejectUnauthorized: true, ca: ca.cert })
  const withIt = await probeOnce(wish(server, { cert: client.cert, key: client.key }))
  const without = await probeOnce(wish(server))
  expect(withIt.reason).toBe('ok')
  expect(without.reason).toBe('tls')
  expect(without.detail).toMatch(/certificate required\.$/)
})

test('a server that is too old is refused by min_version', async () => {
  await using server = await serve(good, { maxVersion: 'TLSv1.2' })
  const outcome = await probeOnce(wish(server, { minVersion: 'TLSv1.3' }))
  expect(outcome.reason).toBe('tls')
  expect(outcome.detail).toMatch(/protocol version\.$/)
  expect((await probeOnce(wish(server, { minVersion: 'TLSv1.2' }))).reason).toBe('ok')
})

test('TLS 1.0 can be spoken when the check allows it', async () => {
  await using server = await serve(good, {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  })
  expect((await probeOnce(wish(server, { minVersion: 'TLSv1' }))).reason).toBe('ok')
  expect((await probeOnce(wish(server))).reason).toBe('tls')
})

test('a body over TLS is read whole, and no further than its limit', async () => {
  const body = Buffer.alloc(3_000_000, 'x')
  body.write('the end', body.length - 7)
  await using server = await startRawServer((socket) => void socket.end(answerBytes(body)), {
    tls: { cert: good.cert, key: good.key },
  })
  const whole = await probeOnce(wish(server, {}, { body: { maxBytes: body.length, contains: ['xthe end'] } }))
  const cut = await probeOnce(wish(server, {}, { body: { maxBytes: body.length - 1 } }))
  expect(whole).toMatchObject({ reason: 'ok', bodyBytes: body.length })
  expect(cut.reason).toBe('too_large')
  await server.deserted()
})

test('every handshake is a whole one: no session is resumed', async () => {
  const resumed: boolean[] = []
  await using server = await serve(
    good,
    {},
    (socket) => void resumed.push((socket as TLSSocket).isSessionReused()),
  )
  const prober = startProber()
  const order = orderFor(wish(server))
  for (let count = 0; count < 3; count++) await prober.probe(order, never)
  expect(resumed).toEqual([false, false, false])
})

test('a node may serve HTTP behind a site of HTTPS; the Host stays the site’s', async () => {
  await using server = await startRawServer(say(answerBytes()))
  const site = { scheme: 'https', port: 8443 } as const
  const outcome = await probeOnce({ port: server.port, site, target: { scheme: 'http' } })
  expect(outcome.reason).toBe('ok')
  expect(server.requests[0]).toContain('\r\nHost: intranet.example.org:8443\r\n')
})

test('a kept connection still knows the expiry of its certificate', async () => {
  await using server = await startRawServer((socket) => void socket.write(answerBytes()), {
    tls: { cert: good.cert, key: good.key },
  })
  const prober = startProber()
  const order = orderFor(wish(server, {}, { check: { connection: 'reuse' } }))
  const first = await prober.probe(order, never)
  const second = await prober.probe(order, never)
  await prober.close()
  expect(server.connections).toBe(1)
  expect(Object.keys(second.phaseMs)).toEqual(['request', 'wait', 'transfer'])
  expect([first.notAfterMs, second.notAfterMs]).toEqual([good.notAfterMs, good.notAfterMs])
})
