/**
 * Which names are ours. A page elsewhere may point its own name at our address (DNS rebinding), and its scripts may then
 * read and change what we serve: but the browser sends that name as Host.
 */
import { X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { matchesGlob, normalHost } from '../../addresses/allowed_target.ts'
import { ipBytes } from '../../addresses/ip_bytes.ts'
import type { Request } from './either_http.ts'
import type { Protection } from './protection.ts'
import type { Rejection } from './rejection.ts'

/**
 * Undefined when the request names a host that is ours: an address, a name without a dot (nobody can register one), this
 * machine's own name, one that `patterns` has, or one in our certificate, against which browsers check the name.
 */
export function hostRejection(
  request: Request,
  { tls }: Protection,
  patterns: readonly string[],
): Rejection | undefined {
  const written = hostsOf(request)
  // HTTP/1.0 knows no Host, and no browser leaves it out.
  if (written.length === 0 && request.httpVersion === '1.0') return undefined
  const url = written.length === 1 ? URL.parse(`http://${written[0]}`) : null
  if (url === null || url.host === '' || url.href !== `http://${url.host}/`)
    return { ...refusal, status: 400, text: 'A request needs one valid Host.\n' }
  const host = normalHost(url.hostname)
  const isOurs =
    ipBytes(host) !== undefined ||
    !host.includes('.') ||
    host === hostname().toLowerCase() ||
    patterns.some((pattern) => matchesGlob(pattern, host)) ||
    isCertified(host, tls)
  if (isOurs) return undefined
  const text = `${JSON.stringify(host)} is not known as a name of this farmprobe: add it to web.hosts in the configuration.\n`
  return { ...refusal, status: 403, text }
}

const refusal = { why: 'host', headers: {} } as const

/** The Host that a request has; several where it contradicts itself. */
function hostsOf({ rawHeaders }: Request): readonly string[] {
  const given = (wanted: string) =>
    rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === wanted)
  const hosts = given('host')
  // Over HTTP/2 both may be given; two headers of one name are never right.
  return [...(hosts.length > 1 ? hosts : new Set([...given(':authority'), ...hosts]))]
}

function isCertified(host: string, tls: Protection['tls']): boolean {
  const [certificate] = [tls?.context.cert ?? []].flat()
  return certificate !== undefined && new X509Certificate(certificate).checkHost(host) !== undefined
}
