import { createHash, X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { endPointOf } from '../../../src/probe/connect/certificate.ts'
import { makeCertificate } from '../../support/servers/certificates.ts'

test.each([
  ['sha256', {}],
  ['sha256', { bits: 2048, algorithm: 'sha1' }],
] as const)(
  'a certificate is bound to by its %s, also where it is signed with less',
  async (digest, wish) => {
    const certificate = new X509Certificate((await makeCertificate(wish)).cert)
    expect(endPointOf(certificate)).toEqual(createHash(digest).update(certificate.raw).digest())
  },
)

test.each([
  ['ecdsa-with-SHA384', 'sha384'],
  ['sha512WithRSAEncryption', 'sha512'],
])('one that is signed by %s is bound to by %s', (signatureAlgorithm, digest) => {
  const certificate = { raw: Buffer.from('certificate'), signatureAlgorithm } as X509Certificate
  expect(endPointOf(certificate)).toEqual(createHash(digest).update('certificate').digest())
})
