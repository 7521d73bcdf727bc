import { hostname } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { hostRejection } from '../../../src/web/guard/own_hosts.ts'
import type { Protection } from '../../../src/web/guard/protection.ts'
import { type Certificate, makeCertificate } from '../../support/servers/certificates.ts'
import { rudeClient } from '../../support/servers/rude_client.ts'
import { loopbackWeb } from '../../support/web/loopback_web.ts'

/** The beginning of the answer to a request with these lines after the first. */
async function ask(path: string, lines: readonly string[], version = '1.1', hosts: readonly string[] = []) {
  const web = await loopbackWeb({ hosts, ports: { reload: async () => true } })
  const client = await rudeClient(web.port)
  client.socket.write([`GET ${path} HTTP/${version}`, 'Connection: close', ...lines, '', ''].join('\r\n'))
  await client.ended
  return client.received()
}

const statusOf = (answer: string) => Number(answer.split(' ')[1])

describe('a request is answered when its Host is', () => {
  test.each([
    '127.0.0.1:9502',
    '10.0.0.5',
    '[::1]:9502',
    '[fd00::5]',
    'localhost:9502',
    'LOCALHOST.',
    'farmprobe',
    hostname(),
    'ops.example.org:8443',
    'a.intern.example.org',
  ])('%s', async (host) => {
    const hosts = ['ops.example.org', '*.intern.example.org']
    expect(statusOf(await ask('/config', [`Host: ${host}`], '1.1', hosts))).toBe(200)
  })
})

describe('a request is refused when its Host is', () => {
  test.each([
    'evil.test:9502',
    'evil.test',
    '127.0.0.1.evil.test',
    'localhost.evil.test',
    'ops.example.org.evil.test',
  ])('%s, whatever it asks for', async (host) => {
    for (const path of ['/', '/config', '/metrics', '/api/v1/farms', '/-/healthy', '/nothing']) {
      const answer = await ask(path, [`Host: ${host}`, 'Sec-Fetch-Site: same-origin'], '1.1', [
        'ops.example.org',
      ])
      expect([path, statusOf(answer)]).toEqual([path, 403])
      expect(answer).toContain('add it to web.hosts in the configuration.')
    }
  })

  test.each([
    ['missing', []],
    ['there twice', ['Host: localhost', 'Host: evil.test']],
    ['there twice, the same', ['Host: localhost', 'Host: localhost']],
    ['empty', ['Host:']],
    ['no host', ['Host: a b/']],
    ['with a path', ['Host: localhost/x']],
    ['with a user', ['Host: localhost@evil.test']],
  ])('%s', async (_what, lines) => {
    expect(statusOf(await ask('/config', lines))).toBe(400)
  })
})

test('HTTP/1.0 needs no Host, but has to have ours when it has one', async () => {
  expect(statusOf(await ask('/config', [], '1.0'))).toBe(200)
  expect(statusOf(await ask('/config', ['Host: evil.test'], '1.0'))).toBe(403)
})

describe('over TLS', () => {
  let pair: Certificate
  beforeAll(async () => {
    pair = await makeCertificate({ names: ['farmprobe.example.org', '*.wild.example.org'] })
  })

  const statusFor = (...rawHeaders: string[]) => {
    const protection: Protection = {
      headers: {},
      users: new Map(),
      tls: { context: { cert: pair.cert }, http2: true, clientAuth: 'NoClientCert' },
    }
    const request = { rawHeaders, httpVersion: '2.0' } as unknown as Parameters<typeof hostRejection>[0]
    return hostRejection(request, protection, [])?.status
  }

  test('the names in our certificate are ours', () => {
    expect(statusFor(':authority', 'farmprobe.example.org')).toBeUndefined()
    expect(statusFor(':authority', 'a.wild.example.org:9502')).toBeUndefined()
    expect(statusFor(':authority', 'evil.test')).toBe(403)
  })

  test('an authority and a Host have to be the same', () => {
    expect(statusFor(':authority', 'localhost', 'host', 'localhost')).toBeUndefined()
    expect(statusFor(':authority', 'localhost', 'host', 'evil.test')).toBe(400)
    expect(statusFor('host', 'localhost')).toBeUndefined()
  })
})
