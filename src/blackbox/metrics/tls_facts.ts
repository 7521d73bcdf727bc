/** What a TLS handshake showed, whether the certificate was accepted or not. */
import { X509Certificate } from 'node:crypto'
import { getCACertificates, type TLSSocket } from 'node:tls'
import { goTlsVersion } from '../../model/tls_version.ts'
import { type CertificateNames, namesInCertificate } from './certificate_names.ts'

export interface TlsFacts {
  /** The earliest of the certificates presented, wall milliseconds. */
  readonly earliestExpiryMs: number
  /** The earliest of the chain up to the trusted root; absent where nothing was verified. */
  readonly chainExpiryMs?: number
  readonly names: CertificateNames
  /** SHA-256 in hexadecimal. */
  readonly fingerprint: string
  /** Such as `TLS 1.3`. */
  readonly version: string
  /** As IANA names it. */
  readonly cipher: string
}

/** What must be noted while the socket is open. */
export interface Handshake {
  readonly leaf: X509Certificate
  readonly verified: boolean
  readonly protocol: string | null
  readonly cipher: string
}

export const noteHandshake = (socket: TLSSocket, leaf: X509Certificate): Handshake => ({
  leaf,
  verified: socket.authorized,
  protocol: socket.getProtocol(),
  cipher: socket.getCipher().standardName,
})

/** The facts about a complete handshake; `ca` is what is trusted instead of the public certificates. */
export function tlsFacts({ leaf, verified, protocol, cipher }: Handshake, ca: string | undefined): TlsFacts {
  const chain = chainOf(leaf)
  const earliestExpiryMs = Math.min(...chain.map(expiryMs))
  const root = verified ? rootOf(chain, ca) : undefined
  return {
    earliestExpiryMs,
    ...(verified && {
      chainExpiryMs: Math.min(
        earliestExpiryMs,
        root === undefined ? Number.POSITIVE_INFINITY : expiryMs(root),
      ),
    }),
    names: namesInCertificate(leaf.raw),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    version: goTlsVersion(protocol),
    cipher,
  }
}

const expiryMs = ({ validTo }: X509Certificate) => Date.parse(validTo)

/** The certificates presented, from the leaf on. */
function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain: X509Certificate[] = []
  for (
    let certificate: X509Certificate | undefined = leaf;
    certificate && !chain.some(({ fingerprint256 }) => fingerprint256 === certificate?.fingerprint256);
    certificate = certificate.issuerCertificate
  )
    chain.push(certificate)
  return chain
}

/** The trusted certificate at which a verified chain ends; undefined when it was presented with the others. */
function rootOf(chain: readonly X509Certificate[], ca: string | undefined): X509Certificate | undefined {
  const last = chain.at(-1)
  return trusted(ca).find((root) => last?.issuer === root.subject && last.checkIssued(root))
}

/** Reading the public ones takes tens of milliseconds, so it is done once. */
let publicOnes: X509Certificate[] | undefined

function trusted(ca: string | undefined): X509Certificate[] {
  if (ca !== undefined) return certificatesIn(ca)
  publicOnes ??= getCACertificates('default').flatMap(certificatesIn)
  return publicOnes
}

function certificatesIn(pem: string): X509Certificate[] {
  const blocks =
    pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)]
    } catch {
      return []
    }
  })
}
