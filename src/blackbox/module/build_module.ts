/** From the `http` block of a module file to a module: contradictions found, what stands in files marked. */
import type { Path } from '../../config/yaml/problem.ts'
import type { Reading } from '../../config/yaml/reading.ts'
import { acceptsEncoding } from '../../runtime/accepts_encoding.ts'
import { credentialsOf, inlineOrFile, tlsOf } from './build_credentials.ts'
import { type HttpModule, type InlineOrFile, isHost } from './module.ts'
import type { SettledHttp } from './module_keys.ts'
import { headerProblem } from './module_values.ts'

/** The module that `http` at `path` describes; what is wrong with it becomes a problem of the reading. */
export function buildHttp(http: SettledHttp, timeoutMs: number, path: Path, reading: Reading): HttpModule {
  checkEncoding(http, path, reading)
  checkHeaderNames(http, path, reading)
  checkVersions(http, path, reading)
  const { basic_auth: _basic, authorization: _authorization, bearer_token: _token, ...others } = http
  const { bearer_token_file: _tokenFile, body: _body, body_file: _bodyFile, ...rest } = others
  const { http_headers, tls, noFollowRedirects, ...plain } = rest
  const body = inlineOrFile(http, 'body', path, reading)
  const credentials = credentialsOf(http, path, reading)
  return {
    ...plain,
    timeoutMs,
    moreHeaders: moreHeaders(http_headers, path, reading),
    ...(body !== undefined && { body }),
    ...(credentials !== undefined && { credentials }),
    tls: tlsOf(tls, [...path, 'tls_config'], reading),
    followRedirects: noFollowRedirects === undefined ? plain.followRedirects : !noFollowRedirects,
  }
}

/** The exporter takes any text for a version, and most are none that an answer has. */
function checkVersions({ versions }: SettledHttp, path: Path, reading: Reading): void {
  for (const [index, version] of versions.entries()) {
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

function checkEncoding({ compression, headers }: SettledHttp, path: Path, reading: Reading): void {
  if (compression === undefined) return
  for (const [name, accepted] of headers)
    if (name.toLowerCase() === 'accept-encoding' && !acceptsEncoding(accepted, compression))
      reading.problem(
        [...path, 'headers', name],
        `the header does not accept ${compression}, which compression asks for; add it, or leave the header out`,
      )
}

/** As in Go, whose transport writes these itself. */
const unsent = new Set(['content-length', 'transfer-encoding', 'trailer', 'connection'])

/** Not valid in a request, or they announce what a probe does not do. */
const impossible = new Set(['expect', 'upgrade', 'keep-alive', 'te'])

const reserved =
  /^(authorization|host|content-encoding|content-length|content-type|user-agent|connection|keep-alive|proxy-authenticate|proxy-authorization|www-authenticate|accept-encoding|transfer-encoding|te|trailer|upgrade|expect|x-prometheus-remote-write-version|x-prometheus-remote-read-version|x-prometheus-scrape-timeout-seconds|x-amz-.*)$/i

function checkHeaderNames({ headers }: SettledHttp, path: Path, reading: Reading): void {
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

function moreHeaders(given: SettledHttp['http_headers'], path: Path, reading: Reading) {
  const found: (readonly [string, InlineOrFile])[] = []
  for (const [name, { values = [], secrets = [], files = [] }] of Object.entries(given ?? {})) {
    const at = [...path, 'http_headers', name]
    if (reserved.test(name)) reading.problem(at, 'a header that has a key of its own; set it there')
    for (const text of [...values, ...secrets]) {
      const problem = headerProblem(name, text)
      if (problem === undefined) found.push([name, { text }])
      else reading.problem(at, `${problem}; write one line of plain text`)
    }
    for (const file of files) found.push([name, { file: reading.beside(file) }])
  }
  return found
}
