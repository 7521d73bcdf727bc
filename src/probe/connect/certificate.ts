/** What the certificates of a TLS handshake prove, and until when. */
import { createHash, X509Certificate } from 'node:crypto'
import { getCACertificates, type TLSSocket } from 'node:tls'
import { greatest, least } from '../../runtime/extremes.ts'

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
  // Node has no code for these; the words are OpenSSL's.
  'EE certificate key too weak': 'its key is too weak',
  'CA certificate key too weak': 'the key of its issuer is too weak',
  'CA signature digest algorithm too weak': 'it is signed with a digest that is too weak, such as SHA-1',
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
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return problems[code] ?? opensslProblem(socket) ?? code
  const names = leaf?.subjectAltName
  if (names !== undefined) return `it is for ${names.slice(0, 200)}, not for ${hostname}`
  return `it has no subject alternative name, and so is for no host; ${hostname} is needed`
}

/** What OpenSSL says of it. Node gives it to those that refuse the handshake only, and many problems no code. */
function opensslProblem(socket: TLSSocket & { readonly ssl?: { verifyError?(): Error | null } }) {
  const message = socket.ssl?.verifyError?.()?.message
  return message === undefined ? undefined : (problems[message] ?? `OpenSSL says "${message}"`)
}

/** Its hash by the digest of its signature, in which MD5 and SHA-1 have become SHA-256 (RFC 5929, section 4.1). */
export function endPointOf({ raw, signatureAlgorithm = '' }: X509Certificate): Buffer {
  const [, bits = '256'] = /SHA-?(384|512)/i.exec(signatureAlgorithm) ?? []
  return createHash(`sha${bits}`).update(raw).digest()
}

/** The certificates that were presented, in the order sent, each once. */
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

/** Certificates that issue each other may form more chains than there is time to follow. */
const mostSteps = 100

/**
 * When the last of the chains expires that lead from the first of the presented certificates to one of `trusted`, wall
 * milliseconds; each chain does with its first certificate. What else was presented does not count (as in Go's
 * crypto/x509). -Infinity when no chain does.
 */
export function chainExpiryMs(
  presented: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  counts: (certificate: X509Certificate) => boolean = () => true,
): number {
  const anchors = new Set(trusted.map(({ fingerprint256 }) => fingerprint256))
  let steps = 0
  function expiryFrom(chain: readonly X509Certificate[], last: X509Certificate): number {
    if (anchors.has(last.fingerprint256)) return earliestExpiryMs(chain.filter(counts))
    if (steps++ >= mostSteps) return Number.NEGATIVE_INFINITY
    const issuers = [...trusted, ...presented].filter(
      (issuer) => isIssued(last, issuer) && !chain.includes(issuer),
    )
    return greatest(issuers.map((issuer) => expiryFrom([...chain, issuer], issuer)))
  }
  return greatest(presented.slice(0, 1).map((leaf) => expiryFrom([leaf], leaf)))
}

const isIssued = (certificate: X509Certificate, issuer: X509Certificate) =>
  certificate.issuer === issuer.subject && certificate.checkIssued(issuer)

/** Of presented certificates that are not accepted: those from the leaf to the last issuer that was sent. */
function issuersOf(presented: readonly X509Certificate[]): X509Certificate[] {
  const chain = presented.slice(0, 1)
  for (let last = chain[0]; last !== undefined; ) {
    const child = last
    last = presented.find((issuer) => !chain.includes(issuer) && isIssued(child, issuer))
    if (last !== undefined) chain.push(last)
  }
  return chain
}

/**
 * When the presented certificates of the chain in use expire, wall milliseconds: the first of them. Remembers it by what was
 * presented, so that only a new certificate costs the walk along the chains. `ca` is what is trusted instead of the public ones.
 */
export function createExpiryMemo(
  ca: string | undefined,
): (leaf: X509Certificate, accepted: boolean) => number {
  let known: { readonly key: string; readonly notAfterMs: number } | undefined
  return (leaf, accepted) => {
    const presented = presentedChain(leaf)
    const key = `${presented.map(({ fingerprint256 }) => fingerprint256).join()}${accepted}`
    if (known?.key !== key) known = { key, notAfterMs: presentedExpiryMs(presented, accepted, ca) }
    return known.notAfterMs
  }
}

function presentedExpiryMs(presented: readonly X509Certificate[], accepted: boolean, ca: string | undefined) {
  const earliestMs = earliestExpiryMs(presented)
  // The leaf is part of every chain, and mostly the first to expire: what is trusted need not be read then.
  if (earliestMs === earliestExpiryMs(presented.slice(0, 1))) return earliestMs
  const expiryMs = accepted
    ? chainExpiryMs(presented, trustedCertificates(ca), (one) => presented.includes(one))
    : 0
  return expiryMs > 0 ? expiryMs : earliestExpiryMs(issuersOf(presented))
}

/** Reading the public ones takes tens of milliseconds, so it is done once. */
let publicOnes: X509Certificate[] | undefined

/** The certificates in a PEM text; without one, those that are trusted in public. */
export function trustedCertificates(ca: string | undefined): readonly X509Certificate[] {
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
