/** What the certificates of a TLS handshake prove, and until when. */
import type { X509Certificate } from 'node:crypto'
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls'
import { least } from '../../runtime/extremes.ts'

const problems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in a self-signed certificate that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not known, or the intermediate certificate was not sent',
  CERT_REVOKED: 'it is revoked',
  INVALID_PURPOSE: 'it is not meant for servers',
}

/** What is wrong with the certificate a handshake presented, in words; undefined when it proves `hostname`. */
export function certificateProblem(
  socket: TLSSocket,
  leaf: X509Certificate | undefined,
  hostname: string,
): string | undefined {
  if (socket.authorized) return undefined
  // Node's types say Error; what it holds is the error's code.
  const code = String(socket.authorizationError)
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return problems[code] ?? code
  const names = leaf?.subjectAltName
  return `it is for ${names === undefined ? 'no host at all' : names.slice(0, 200)}, not for ${hostname}`
}

/** Checks the names of a certificate against the site's, whatever address was dialled. */
export const namesOf = (hostname: string) => (_dialled: string, certificate: PeerCertificate) =>
  checkServerIdentity(hostname, certificate)

/** The certificates that were presented, from the leaf on, each once. */
export function presentedChain(leaf: X509Certificate): X509Certificate[] {
  const chain = new Map<string, X509Certificate>()
  for (
    let certificate: X509Certificate | undefined = leaf;
    certificate && !chain.has(certificate.fingerprint256);
    certificate = certificate.issuerCertificate
  )
    chain.set(certificate.fingerprint256, certificate)
  return [...chain.values()]
}

/** When the first of some certificates expires, wall milliseconds. */
export const earliestExpiryMs = (chain: readonly X509Certificate[]): number =>
  least(chain.map(({ validTo }) => Date.parse(validTo)))

/** Remembers the expiry of a presented chain by its leaf, so that only a new certificate costs the walk along it. */
export function createExpiryMemo(): (leaf: X509Certificate) => number {
  let known: { readonly leaf: string; readonly notAfterMs: number } | undefined
  return (leaf) => {
    if (known?.leaf !== leaf.fingerprint256)
      known = { leaf: leaf.fingerprint256, notAfterMs: earliestExpiryMs(presentedChain(leaf)) }
    return known.notAfterMs
  }
}
