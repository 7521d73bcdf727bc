/** What a TLS handshake showed, whether the certificate was accepted or not. */
import { X509Certificate } from 'node:crypto'
import { getCACertificates, type TLSSocket } from 'node:tls'
import { goTlsVersion } from '../../model/tls_version.ts'
import { earliestExpiryMs, presentedChain } from '../../probe/connect/certificate.ts'
import { namesInCertificate } from './certificate_names.ts'

export interface TlsFacts {
  /** The earliest of the certificates presented, wall milliseconds. */
  readonly earliestExpiryMs: number
  /** The earliest of the chain up to the trusted root, wall milliseconds; absent where nothing was verified. */
  readonly chainExpiryMs?: number
  /** The labels of the leaf. */
  readonly certificate: Readonly<Record<string, string>>
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
  const chain = presentedChain(leaf)
  const { subject, issuer, alternatives, serial } = namesInCertificate(leaf)
  const root = verified ? rootOf(chain, ca) : undefined
  return {
    earliestExpiryMs: earliestExpiryMs(chain),
    ...(verified && { chainExpiryMs: earliestExpiryMs(root ? [...chain, root] : chain) }),
    certificate: {
      fingerprint_sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
      issuer,
      serialnumber: serial,
      subject,
      subjectalternative: alternatives.join(','),
    },
    version: goTlsVersion(protocol),
    cipher,
  }
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
