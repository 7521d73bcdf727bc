import { connect, createServer, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { goTlsVersion, prometheusTlsVersions, tlsVersions } from '../../src/model/tls_version.ts'
import { secureContext } from '../../src/runtime/secure_context.ts'
import { makeCertificate } from '../support/servers/certificates.ts'

test.each(tlsVersions)('%s is what Node offers, and what it names the connection by', async (version) => {
  const { cert, key } = await makeCertificate()
  const server = createServer({ cert, key, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    secureContext: secureContext({ insecure: false, minVersion: version, maxVersion: version }),
    rejectUnauthorized: false,
  })
  await new Promise((done) => socket.once('secureConnect', done))
  expect(socket.getProtocol()).toBe(version)
  socket.destroy()
  await new Promise((done) => server.close(done))
})

test('each version has its name in Go and in the files of Prometheus', () => {
  expect(tlsVersions.map(goTlsVersion)).toEqual(['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'])
  expect(Object.values(prometheusTlsVersions)).toEqual(tlsVersions)
  expect(goTlsVersion('SSLv3')).toBe('unknown')
  expect(goTlsVersion(null)).toBe('unknown')
})
