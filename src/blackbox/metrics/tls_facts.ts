/** What a TLS handshake showed, whether the certificate was accepted or not. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { goTlsVersion } from '../../model/tls_version.ts'
import {
  chainExpiryMs,
  earliestExpiryMs,
  presentedChain,
  trustedCertificates,
} from '../../probe/connect/certificate.ts'
import { namesInCertificate } from './certificate_names.ts'

export interface TlsFacts {
  /** The earliest of the certificates presented, wall milliseconds. */
  readonly earliestExpiryMs: number
  /** When the last of the chains up to a trusted root expires, wall milliseconds; absent where nothing was verified. */
  readonly chainExpiryMs?: number
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
  return {
    earliestExpiryMs: earliestExpiryMs(chain),
    ...(verified && { chainExpiryMs: chainExpiryMs(chain, trustedCertificates(ca)) }),
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
