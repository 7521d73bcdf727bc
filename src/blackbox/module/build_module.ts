/** From what a module file says to a module: defaults filled in, contradictions found. */
import type { Path } from '../../config/yaml/problem.ts'
import type { Reading } from '../../config/yaml/reading.ts'
import { valueAt } from '../../config/yaml/tree.ts'
import { credentialsOf, inlineOrFile, tlsOf } from './build_credentials.ts'
import {
  type Acceptance,
  type HeaderRule,
  type HttpModule,
  type InlineOrFile,
  isHost,
  standardHttp as standard,
} from './module.ts'
import type { WrittenHttp, WrittenModule } from './module_schema.ts'
import { headerProblem, isNothing } from './module_values.ts'

/** The module that `http` at `path` describes; what is wrong with it becomes a problem of the reading. */
export function buildHttp({ timeout, http = {} }: WrittenModule, path: Path, reading: Reading): HttpModule {
  checkEncoding(http, path, reading)
  checkHeaderNames(http, path, reading)
  const body = inlineOrFile(http.body, http.body_file, 'body', path, reading)
  const credentials = credentialsOf(http, path, reading)
  return {
    timeoutMs: timeout ?? standard.timeoutMs,
    method: http.method ?? standard.method,
    headers: http.headers ?? standard.headers,
    moreHeaders: moreHeaders(http, path, reading),
    ...(body !== undefined && { body }),
    ...(credentials !== undefined && { credentials }),
    tls: tlsOf(http.tls_config ?? {}, [...path, 'tls_config'], reading),
    http2: http.enable_http2 ?? standard.http2,
    followRedirects:
      http.no_follow_redirects === undefined
        ? (http.follow_redirects ?? standard.followRedirects)
        : !http.no_follow_redirects,
    preferredFamily: preferredFamily(http.preferred_ip_protocol, path, reading),
    familyFallback: http.ip_protocol_fallback ?? standard.familyFallback,
    compression: http.compression ?? standard.compression,
    bodySizeLimit: http.body_size_limit ?? standard.bodySizeLimit,
    accept: acceptance(http, path, reading),
  }
}

function acceptance(http: WrittenHttp, path: Path, reading: Reading): Acceptance {
  const rules = (key: 'fail_if_header_matches' | 'fail_if_header_not_matches') =>
    (http[key] ?? []).flatMap((rule, index) => headerRule(rule ?? {}, [...path, key, index], reading))
  checkVersions(http, path, reading)
  return {
    statusCodes: http.valid_status_codes ?? [],
    versions: http.valid_http_versions ?? [],
    failIfSsl: http.fail_if_ssl ?? false,
    failIfNotSsl: http.fail_if_not_ssl ?? false,
    failIfBody: http.fail_if_body_matches_regexp ?? [],
    failIfNotBody: http.fail_if_body_not_matches_regexp ?? [],
    failIfHeader: rules('fail_if_header_matches'),
    failIfNotHeader: rules('fail_if_header_not_matches'),
    ...(http.fail_if_body_json_matches_cel !== undefined && {
      failIfJson: http.fail_if_body_json_matches_cel,
    }),
    ...(http.fail_if_body_json_not_matches_cel !== undefined && {
      failIfNotJson: http.fail_if_body_json_not_matches_cel,
    }),
  }
}

function headerRule(
  rule: { header?: string | undefined; regexp?: string | undefined; allow_missing?: boolean | undefined },
  path: Path,
  reading: Reading,
): HeaderRule[] {
  for (const key of ['header', 'regexp'])
    if (isNothing(valueAt(reading.tree.value, [...path, key]) ?? ''))
      reading.problem(path, `no ${key}; a rule needs header and regexp`)
  if (rule.header === undefined || rule.regexp === undefined) return []
  return [{ header: rule.header, regexp: rule.regexp, allowMissing: rule.allow_missing ?? false }]
}

/** The exporter takes any text for a version, and most are none that an answer has. */
function checkVersions({ valid_http_versions: versions }: WrittenHttp, path: Path, reading: Reading): void {
  for (const [index, version] of (versions ?? []).entries()) {
    const at = [...path, 'valid_http_versions', index]
    if (version === 'HTTP/3.0')
      reading.problem(
        at,
        'HTTP/3.0 needs enable_http3, with which farmprobe does not serve the module; leave it out',
      )
    else if (!['HTTP/1.0', 'HTTP/1.1', 'HTTP/2.0'].includes(version))
      reading.warn(
        at,
        `no answer has the version ${JSON.stringify(version)}; write HTTP/1.0, HTTP/1.1 or HTTP/2.0`,
      )
  }
}

function checkEncoding({ compression, headers = [] }: WrittenHttp, path: Path, reading: Reading): void {
  if (compression === undefined) return
  for (const [name, accepted] of headers)
    if (name.toLowerCase() === 'accept-encoding' && !acceptsEncoding(accepted, compression))
      reading.problem(
        [...path, 'headers', name],
        `the header does not accept ${compression}, which compression asks for; add it, or leave the header out`,
      )
}

/** Whether an Accept-Encoding header accepts a coding: by name before `*`, and with a weight above 0. */
export function acceptsEncoding(header: string, coding: string): boolean {
  const weights = new Map<string, number>()
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const [, weight = '1'] = parameters.map((text) => /^q\s*=\s*([\d.]+)$/.exec(text)).find(Boolean) ?? []
    if (!weights.has(name)) weights.set(name, Number(weight))
  }
  return (weights.get(coding) ?? weights.get('*') ?? 0) > 0
}

/** As in Go, whose transport writes these itself. */
const unsent = new Set(['content-length', 'transfer-encoding', 'trailer', 'connection'])

/** Not valid in a request, or they announce what a probe does not do. */
const impossible = new Set(['expect', 'upgrade', 'keep-alive', 'te'])

const reserved =
  /^(authorization|host|content-encoding|content-length|content-type|user-agent|connection|keep-alive|proxy-authenticate|proxy-authorization|www-authenticate|accept-encoding|transfer-encoding|te|trailer|upgrade|expect|x-prometheus-remote-write-version|x-prometheus-remote-read-version|x-prometheus-scrape-timeout-seconds|x-amz-.*)$/i

function checkHeaderNames({ headers = [] }: WrittenHttp, path: Path, reading: Reading): void {
  const seen = new Set<string>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    const at = [...path, 'headers', name]
    if (seen.has(key)) reading.problem(at, 'a header given twice (case does not matter); keep one')
    if (key === 'host' && !isHost(value)) reading.problem(at, 'no host; write one, such as shop.example.org')
    if (impossible.has(key)) reading.problem(at, 'a header that a probe cannot send; leave it out')
    if (unsent.has(key)) reading.warn(at, 'this header is not sent: the message is framed without it')
    seen.add(key)
  }
}

function moreHeaders({ http_headers: wanted = {} }: WrittenHttp, path: Path, reading: Reading) {
  const found: (readonly [string, InlineOrFile])[] = []
  for (const [name, given] of Object.entries(wanted)) {
    const at = [...path, 'http_headers', name]
    if (reserved.test(name)) reading.problem(at, 'a header that has a key of its own; set it there')
    for (const text of [...(given?.values ?? []), ...(given?.secrets ?? [])]) {
      const problem = headerProblem(name, text)
      if (problem === undefined) found.push([name, { text }])
      else reading.problem(at, `${problem}; write one line of plain text`)
    }
    for (const file of given?.files ?? []) found.push([name, { file: reading.beside(file) }])
  }
  return found
}

function preferredFamily(written: string | undefined, path: Path, reading: Reading): 4 | 6 {
  if (written === undefined || written === 'ip6') return 6
  if (written !== 'ip4')
    reading.warn(
      [...path, 'preferred_ip_protocol'],
      `neither ip4 nor ip6: ${JSON.stringify(written)} is taken for ip4, as by blackbox_exporter; write ip4`,
    )
  return 4
}
