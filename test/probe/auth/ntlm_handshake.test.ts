import { assert, asyncProperty, boolean, constantFrom, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Check } from '../../../src/model/farm.ts'
import { never, orderFor, probeOnce, startProber, type Wish } from '../../support/probes/probe_once.ts'
import { makeCertificate } from '../../support/servers/certificates.ts'
import { startHttpServer } from '../../support/servers/http_server.ts'
import { startNtlmServer } from '../../support/servers/ntlm_server.ts'

const password = 'hunter2! & Ünïcode'
const windowsAuth = { by: 'ntlm', user: 'probe', domain: 'DOM', password } as const
const probing = (port: number, check: Partial<Check> = {}, more: Partial<Wish> = {}) =>
  probeOnce({ port, check: { windowsAuth, ...check }, ...more })

test('two messages on one connection, and the phases are those of the answered request', async () => {
  await using server = await startNtlmServer({
    beforeChallenge: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60),
  })
  const outcome = await probing(server.port)
  expect(outcome).toMatchObject({ reason: 'ok', status: 200, bodyBytes: 7 })
  expect(server.sent.map((sent) => sent.slice(0, 4))).toEqual(['NTLM', 'NTLM'])
  const { authMs = 0, firstByteMs = 0, phaseMs, totalMs } = outcome
  expect(authMs).toBeGreaterThanOrEqual(59)
  expect(firstByteMs).toBeLessThan(authMs)
  const phases = Object.values(phaseMs).reduce((sum, ms) => sum + ms)
  expect(phases + authMs).toBeLessThanOrEqual(totalMs + 1e-6)
  expect(Object.keys(phaseMs)).toEqual(['connect', 'request', 'wait', 'transfer'])
})

test('over TLS too, with the certificate of the connection', async () => {
  const tls = await makeCertificate()
  await using server = await startNtlmServer({ tls })
  const outcome = await probing(
    server.port,
    { tls: { ca: tls.cert, insecure: true, minVersion: 'TLSv1.2' } },
    { target: { scheme: 'https' } },
  )
  expect(outcome.reason).toBe('ok')
})

test('a kept connection makes a handshake for each probe', async () => {
  await using server = await startNtlmServer()
  const prober = startProber()
  const order = orderFor({ port: server.port, check: { windowsAuth, connection: 'reuse' } })
  const outcomes = [await prober.probe(order, never), await prober.probe(order, never)]
  expect(outcomes.map(({ reason }) => reason)).toEqual(['ok', 'ok'])
  expect(outcomes.map(({ phaseMs }) => 'connect' in phaseMs)).toEqual([true, false])
  expect(server.sent).toHaveLength(4)
  await prober.close()
})

test('a site that asks for nothing is asked once', async () => {
  await using server = await startHttpServer((_request, response) => response.end('Welcome'))
  const outcome = await probing(server.port)
  expect(outcome.reason).toBe('ok')
  expect(outcome).not.toHaveProperty('authMs')
  expect(server.asked).toHaveLength(1)
})

test('a site that offers nothing but Negotiate gets the messages under that name', async () => {
  await using server = await startNtlmServer({ schemes: ['Negotiate'] })
  expect((await probing(server.port)).reason).toBe('ok')
  expect(server.sent.map((sent) => sent.split(' ')[0])).toEqual(['NTLM', 'Negotiate', 'Negotiate'])
})

describe('what is refused is told as what it is', () => {
  const refused = { accepts: false }
  const onNode: Partial<Wish> = { target: { role: 'node', name: 'web01' } }

  test('a wrong password, by the node that does not take it', async () => {
    await using server = await startNtlmServer(refused)
    const outcome = await probing(server.port, {}, onNode)
    expect(outcome).toMatchObject({ reason: 'auth', status: 401 })
    expect(outcome.detail).toBe('"WEB01" does not accept the user or the password of auth.ntlm.')
    expect(server.sent).toHaveLength(2)
  })

  test('a balancer that spreads the messages of a handshake', async () => {
    await using server = await startNtlmServer({ ...refused, computers: ['WEB01', 'WEB02'] })
    const outcome = await probing(server.port)
    expect(outcome).toMatchObject({ reason: 'auth', status: 401 })
    expect(outcome.detail).toMatch(
      /^The messages of one NTLM handshake reached several servers \("WEB02", "WEB01"\): the balancer must keep /,
    )
  })

  test('a refusal behind a balancer that may be either', async () => {
    await using server = await startNtlmServer(refused)
    expect((await probing(server.port)).detail).toBe(
      '"WEB01" does not accept the user or the password of auth.ntlm. Where the nodes accept them, the balancer does not ' +
        'keep both messages of a handshake on one connection to one node.',
    )
    expect(server.sent).toHaveLength(4)
  })

  test('a connection that is not kept for the second message', async () => {
    await using server = await startNtlmServer({
      beforeChallenge: (response) => void response.setHeader('Connection', 'close'),
    })
    const outcome = await probing(server.port)
    expect(outcome.reason).toBe('auth')
    expect(outcome.detail).toContain('closed the connection in the middle of the handshake')
  })

  test('a site that offers something else', async () => {
    await using server = await startNtlmServer({ schemes: ['Basic'] })
    expect(await probing(server.port)).toMatchObject({
      reason: 'auth',
      detail: 'The site does not offer NTLM, which auth.ntlm is for (asked for: basic).',
    })
  })

  test('a server that offers NTLM and sends no challenge', async () => {
    await using server = await startHttpServer((_request, response) =>
      response.writeHead(401, { 'WWW-Authenticate': 'NTLM' }).end(),
    )
    const outcome = await probing(server.port)
    expect(outcome).toMatchObject({ reason: 'auth', detail: expect.stringContaining('without a challenge') })
  })

  test('and where 401 is what is expected, nothing is wrong', async () => {
    await using server = await startNtlmServer(refused)
    expect((await probing(server.port, {}, { status: [[401, 401]] })).reason).toBe('ok')
  })
})

test('a server that falls silent in the handshake is a time-out like any other', async () => {
  await using server = await startHttpServer(() => {})
  expect(await probing(server.port, { timeoutMs: 200 })).toMatchObject({ reason: 'first_byte_timeout' })
})

test('nothing of a handshake is kept, whatever a page repeats of it', async () => {
  const shown = constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.toLowerCase(),
    encodeURIComponent,
    (text) => JSON.stringify({ echo: text }),
    (text) => text.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;'),
  )
  const padding = string({ maxLength: 40 })
  await assert(
    asyncProperty(shown, padding, boolean(), async (show, around, accepts) => {
      const seen: string[] = []
      await using server = await startNtlmServer({
        accepts,
        page(authorization) {
          seen.push(authorization.replace(/^\S+ /, ''))
          return `${around} ${show(authorization)} ${around} ${show(password)} ${around}`
        },
      })
      const outcome = await probing(
        server.port,
        { identity: { body: '(?s)(.*)' } },
        { body: { contains: ['no such text'] } },
      )
      expect(outcome.reason).not.toBe('ok')
      const kept = JSON.stringify(outcome).toLowerCase()
      for (const secret of [password, ...seen.filter((token) => token.length > 100)]) {
        // The beginning of each message is the same everywhere, and says nothing.
        expect(kept).not.toContain(secret.slice(-16).toLowerCase())
        expect(kept).not.toContain(encodeURIComponent(secret.slice(-24)).toLowerCase())
      }
    }),
    { numRuns: 60 },
  )
})
