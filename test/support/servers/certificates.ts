import { createPublicKey } from 'node:crypto'
import { generate } from 'selfsigned'

export interface Certificate {
  /** PEM text, as is `key`. */
  readonly cert: string
  readonly key: string
  readonly notAfterMs: number
}

export interface CertificateWish {
  readonly names?: readonly string[]
  readonly ips?: readonly string[]
  readonly notAfter?: Date
  readonly ca?: boolean
  readonly by?: Certificate
  /** With the key of another: a cross-signed certificate. */
  readonly keyOf?: Certificate
  /** RSA of so many bits; without it, an elliptic curve. */
  readonly bits?: number
  readonly algorithm?: 'sha1' | 'sha256'
  /** The subject, where it is more than the first name. */
  readonly subject?: readonly { readonly name: string; readonly value: string }[]
}

const dayMs = 86_400_000

/** A certificate for the names given, self-signed or signed `by` another; valid since long ago. */
export async function makeCertificate(wish: CertificateWish = {}): Promise<Certificate> {
  const {
    names = ['intranet.example.org'],
    ips = [],
    ca = false,
    by,
    keyOf,
    bits,
    algorithm = 'sha256',
  } = wish
  const notAfter = wish.notAfter ?? new Date(Math.floor(Date.now() / 1000) * 1000 + 30 * dayMs)
  const subject = wish.subject ?? [{ name: 'commonName', value: names[0] ?? 'farmprobe test' }]
  const altNames = [
    ...names.map((value) => ({ type: 2 as const, value })),
    ...ips.map((ip) => ({ type: 7 as const, ip })),
  ]
  const made = await generate([...subject], {
    ...(bits === undefined ? { keyType: 'ec' } : { keyType: 'rsa', keySize: bits }),
    algorithm,
    notBeforeDate: new Date('2020-01-01T00:00:00Z'),
    notAfterDate: notAfter,
    extensions: [
      { name: 'basicConstraints', cA: ca, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: ca },
      ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames }]),
    ],
    ...(keyOf && {
      keyPair: {
        privateKey: keyOf.key,
        publicKey: createPublicKey(keyOf.key).export({ type: 'spki', format: 'pem' }).toString(),
      },
    }),
    ...(by && { ca: { key: by.key, cert: by.cert } }),
  })
  return { cert: made.cert, key: made.private, notAfterMs: notAfter.getTime() }
}
