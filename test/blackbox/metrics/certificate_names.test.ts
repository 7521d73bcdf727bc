import { X509Certificate } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { namesInCertificate } from '../../../src/blackbox/metrics/certificate_names.ts'
import { makeCertificate } from '../../support/servers/certificates.ts'

/** Its subject has every kind of attribute that Go knows, some twice, in an order of its own, and one that it does not. */
const eloquent = `-----BEGIN CERTIFICATE-----
MIICwjCCAmegAwIBAgIUQVeVClV86BCZAPrSxms/u6/19sswCgYIKoZIzj0EAwIw
gbUxCzAJBgNVBAMMAmNuMQswCQYDVQQFEwI3NzELMAkGA1UEEQwCUEMxDDAKBgNV
BAkMA1NUUjEMMAoGA1UECwwDb3UxMQswCQYDVQQKDAJvMTEMMAoGA1UECwwDb3Uy
MQwwCgYDVQQHDANsb2MxCzAJBgNVBAgMAnN0MQswCQYDVQQGEwJHQjEMMAoGA1UE
AwwDY24yMQswCQYDVQQKDAJvMjESMBAGCSqGSIb3DQEJARYDYUBiMB4XDTI2MTEy
MjEwMDU1MVoXDTI2MTEyNzEwMDU1MVowgbUxCzAJBgNVBAMMAmNuMQswCQYDVQQF
EwI3NzELMAkGA1UEEQwCUEMxDDAKBgNVBAkMA1NUUjEMMAoGA1UECwwDb3UxMQsw
CQYDVQQKDAJvMTEMMAoGA1UECwwDb3UyMQwwCgYDVQQHDANsb2MxCzAJBgNVBAgM
AnN0MQswCQYDVQQGEwJHQjEMMAoGA1UEAwwDY24yMQswCQYDVQQKDAJvMjESMBAG
CSqGSIb3DQEJARYDYUBiMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmmkHsVLb
u6rvd2iFFs4rW8Jt19jyxhZEmBml2iOqFljf96GaiAQGeiPh3SrDO4HHUW9tPwx7
RHqn4AQ3MhYgQ6NTMFEwHQYDVR0OBBYEFG4HxokhmepLyD7JpvZKgR627R24MB8G
A1UdIwQYMBaAFG4HxokhmepLyD7JpvZKgR627R24MA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSQAwRgIhALvoZaIjNUv2krFatkUpV6hYRretwgPanKhJxHeI
tc9zAiEA8W+co0cLj1UCMitY902xRv8EUgZ8QAwJ5RwmZ717gY0=
-----END CERTIFICATE-----`

test('the names are written as the exporter writes them', () => {
  const name =
    'SERIALNUMBER=77,CN=cn2,OU=ou1+OU=ou2,O=o1+O=o2,POSTALCODE=PC,STREET=STR,L=loc,ST=st,C=GB,1.2.840.113549.1.9.1=#0c03614062'
  const names = namesInCertificate(new X509Certificate(eloquent))
  expect([names.subject, names.issuer]).toEqual([name, name])
  expect(names.serial).toBe(new X509Certificate(eloquent).serialNumber.toLowerCase())
  expect(names.alternatives).toEqual([])
})

test('alternative names are those of DNS', async () => {
  const { cert } = await makeCertificate({ names: ['a.example.org', '*.b.example.org'], ips: ['127.0.0.1'] })
  expect(namesInCertificate(new X509Certificate(cert)).alternatives).toEqual([
    'a.example.org',
    '*.b.example.org',
  ])
})

test('an alternative name that could be misread is one name', () => {
  const written =
    'DNS:a.example.org, URI:"http://x, DNS:b.example.org", DNS:"c, \\"d\\"", IP Address:10.0.0.1, DNS:e'
  const { alternatives } = namesInCertificate({
    raw: new X509Certificate(eloquent).raw,
    serialNumber: '0A',
    subjectAltName: written,
  })
  expect(alternatives).toEqual(['a.example.org', 'c, "d"', 'e'])
})

test('a certificate that is damaged and that OpenSSL still reads is no fault', () => {
  const whole = new X509Certificate(eloquent).raw
  let read = 0
  const { counterexample } = fc.check(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(whole)
      damaged[at] = byte
      const certificate = certificateIn(damaged)
      if (certificate === undefined) return true
      read++
      return typeof namesInCertificate(certificate).subject === 'string'
    }),
    { numRuns: 3000 },
  )
  expect(counterexample).toBeNull()
  expect(read).toBeGreaterThan(100)
})

function certificateIn(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}
