/** Which client certificates are accepted. */
import type { TLSSocket } from 'node:tls'
import { ipBytes } from '../../addresses/ip_bytes.ts'
import type { Protection } from './protection.ts'

type TlsProtection = NonNullable<Protection['tls']>

/** Whether the client of a finished handshake is accepted. */
export function isAdmitted(socket: TLSSocket, { clientAuth, allowedSans }: TlsProtection): boolean {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return true
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return clientAuth === 'VerifyClientCertIfGiven'
  if (clientAuth !== 'RequireAnyClientCert' && !socket.authorized) return false
  if (allowedSans === undefined) return true
  const names = namesIn(certificate.subjectAltName ?? '')
  return allowedSans.some((san) => names.has(san) || names.has(addressKey(san)))
}

/**
 * The names of a certificate out of Node's text for them: `DNS:a.example, IP Address:10.0.0.1, email:a@b, URI:x`. Node
 * quotes a name, as JSON, that holds a comma or anything else by which it could pass for several.
 */
export function namesIn(subjectAltName: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [, kind, written = ''] of subjectAltName.matchAll(
    /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g,
  )) {
    const name = written.startsWith('"') ? String(JSON.parse(written)) : written
    if (kind === 'IP Address') names.add(addressKey(name))
    else if (kind === 'DNS' || kind === 'email' || kind === 'URI') names.add(name)
  }
  return names
}

/** The same for every spelling of an address; no other name begins so. */
const addressKey = (ip: string) => `\0${ipBytes(ip)?.join('.') ?? ip}`
