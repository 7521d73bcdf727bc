/** The matrix of the differential test: what is asked of both, and where the answers are to differ. */
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { Serve } from '../support/servers/http_server.ts'
import type { Play } from '../support/servers/raw_server.ts'
import { answerBytes, say, sayAndStay } from '../support/servers/raw_server.ts'
import type { DifferenceId } from './differences.ts'

/** Where a case goes; each is a server on loopback of its own. */
export type Place =
  | 'site'
  | 'raw'
  | 'ipv6'
  | 'good'
  | 'selfSigned'
  | 'chain'
  | 'crossed'
  | 'nameless'
  | 'expired'
  | 'oldTls'
  | 'http2'
  | 'nothing'

export interface Case {
  readonly name: string
  readonly place?: Place
  readonly path?: string
  /** The block `http` of the module. */
  readonly http?: Readonly<Record<string, unknown>>
  readonly timeout?: string
  readonly hostname?: string
  /** Instead of the address of the place. */
  readonly host?: string
  /** Both find that it failed for the same reason; what else is different, by series. */
  readonly differs?: Readonly<Record<string, DifferenceId>>
}

const message = 'hello world '.repeat(20)

/** How long a slow answer takes to begin, and to end. */
export const slowMs = 200

/** Answers by path. */
export const serve: Serve = (request, response, body) => {
  if (request.url?.includes('..') === true) return void response.writeHead(418).end()
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://any')
  const [, kind = '', argument = ''] = pathname.split('/')
  const { headers, method } = request
  switch (kind) {
    case 'status':
      return void response.writeHead(Number(argument)).end()
    case 'redirect':
      return void response
        .writeHead(Number(searchParams.get('code') ?? 302), { Location: searchParams.get('to') ?? '/' })
        .end(searchParams.get('body') ?? '')
    case 'chain': {
      const left = Number(argument)
      return left === 0
        ? void response.end(message)
        : void response.writeHead(302, { Location: `/chain/${left - 1}` }).end()
    }
    case 'coded':
      return void response.writeHead(200, { 'Content-Encoding': argument }).end(codings[argument])
    case 'chunked':
      response.write(message)
      return void response.end(message)
    case 'slow':
      return void setTimeout(() => {
        response.write('half')
        setTimeout(() => response.end('half'), slowMs)
      }, slowMs)
    case 'headers':
      return void response
        .writeHead(200, { 'X-One': 'first', 'Set-Cookie': ['a=1; Path=/', 'b=2; Path=/'] })
        .end('body')
    case 'modified':
      return void response.writeHead(200, { 'Last-Modified': searchParams.get('at') ?? '' }).end('body')
    case 'wants':
      return void response.writeHead(wishes[argument]?.({ headers, method, body }) === true ? 200 : 400).end()
    case 'cookie':
      if (headers.cookie === 'seen=1') return void response.end('seen')
      return void response.writeHead(302, { 'Set-Cookie': 'seen=1; Path=/', Location: '/cookie' }).end()
    default:
      return void response.writeHead(200, { 'Content-Type': 'text/plain' }).end(message)
  }
}

const codings: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(message),
  deflate: deflateRawSync(message),
  zlib: deflateSync(message),
}

interface Asked {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly method: string | undefined
  readonly body: string
}

const wishes: Readonly<Record<string, (asked: Asked) => boolean>> = {
  basic: ({ headers }) => headers.authorization === `Basic ${Buffer.from('probe:secret').toString('base64')}`,
  bearer: ({ headers }) => headers.authorization === 'Bearer abc.def',
  post: ({ method, body, headers }) =>
    method === 'POST' && body === 'ping=1' && headers['content-type'] === 'text/x-ping',
  host: ({ headers }) => headers.host === 'shop.example.org',
  header: ({ headers }) => headers['x-tenant'] === 'blue' && headers['user-agent'] === 'me',
  agent: ({ headers }) => String(headers['user-agent']).startsWith('Blackbox'),
  close: ({ headers }) => headers.connection === 'close' && headers['accept-encoding'] === undefined,
}

/** Answers that no library would give, by path. */
export const play: Play = (socket, request) => {
  const [, path = ''] = /^\S+ \/(\S*) /.exec(request) ?? []
  return (plays[path] ?? say(''))(socket, request, 0)
}

const plays: Readonly<Record<string, Play>> = {
  http10: say('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold'),
  http10length: say('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold'),
  truncated: say('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
  truncatedChunk: say('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  reset: (socket) => void socket.resetAndDestroy(),
  resetBody(socket) {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this', () => socket.resetAndDestroy())
  },
  closed: say(''),
  garbage: say('SSH-2.0-OpenSSH_9.2\r\n'),
  hang: () => {},
  hangBody: sayAndStay('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this'),
  interim: say(
    Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'), answerBytes('hello')]),
  ),
  noLength: say('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end'),
  reason: say('HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok'),
}

const bodyLength = 'probe_http_uncompressed_body_length'
const regex = 'probe_failed_due_to_regex'
const chainExpiry = 'probe_ssl_last_chain_expiry_timestamp_seconds'
const insecure = { tls_config: { insecure_skip_verify: true } }
const ip4 = { preferred_ip_protocol: 'ip4' }

const certificate = {
  probe_ssl_earliest_cert_expiry: 'certificate_kept',
  probe_ssl_last_chain_info: 'certificate_kept',
  probe_tls_version_info: 'certificate_kept',
} as const

const statusCases: readonly Case[] = [
  ...[200, 201, 204, 299, 304, 400, 401, 403, 404, 418, 500, 502, 503].map((code) => ({
    name: `status ${code}`,
    path: `/status/${code}`,
  })),
  { name: 'status 404, accepted', path: '/status/404', http: { valid_status_codes: [200, 404] } },
  { name: 'status 200, not accepted', http: { valid_status_codes: [204] } },
]

const redirectCases: readonly Case[] = [
  { name: 'one redirect', path: '/chain/1' },
  { name: 'ten redirects', path: '/chain/10' },
  { name: 'eleven redirects', path: '/chain/11' },
  {
    name: 'a redirect that keeps the method',
    path: '/redirect/?code=307&to=/wants/post',
    http: { method: 'POST', body: 'ping=1', headers: { 'Content-Type': 'text/x-ping' } },
  },
  {
    name: 'a redirect that changes the method',
    path: '/redirect/?code=303&to=/ok',
    http: { method: 'POST', body: 'ping=1' },
  },
  { name: 'a redirect without a Location', path: '/status/302' },
  {
    name: 'a redirect that is not followed',
    path: '/redirect/',
    http: { follow_redirects: false, valid_status_codes: [302] },
  },
  {
    name: 'a redirect that is not followed, with a body',
    path: '/redirect/?body=moved',
    http: { follow_redirects: false, valid_status_codes: [302] },
    differs: { [bodyLength]: 'unfollowed_body' },
  },
  {
    name: 'a redirect that is not followed, with an expression',
    path: '/redirect/?body=moved',
    http: {
      no_follow_redirects: true,
      valid_status_codes: [302],
      fail_if_body_not_matches_regexp: ['moved'],
    },
    differs: {
      [bodyLength]: 'unfollowed_body',
      [regex]: 'unfollowed_body',
      probe_success: 'unfollowed_body',
    },
  },
  { name: 'a cookie that a redirect asks for', path: '/cookie' },
  {
    name: 'credentials after a redirect to another host',
    path: '/redirect/?to=http://localhost:PORT/wants/basic',
    http: { basic_auth: { username: 'probe', password: 'secret' } },
    differs: { probe_success: 'credentials_elsewhere', probe_http_status_code: 'credentials_elsewhere' },
  },
  {
    name: 'a redirect to the hostname that was asked for, which no name server knows',
    path: '/redirect/?to=http://nowhere.invalid:PORT/status/204',
    hostname: 'nowhere.invalid',
    differs: {
      probe_success: 'pinned_redirect',
      probe_http_status_code: 'pinned_redirect',
      probe_http_version: 'pinned_redirect',
    },
  },
  {
    name: 'a redirect to a host that is not allowed',
    path: '/redirect/?to=http://[::ffff:127.0.0.1]:PORT/status/204',
    differs: {
      probe_success: 'redirect_elsewhere',
      probe_http_status_code: 'redirect_elsewhere',
      probe_http_content_length: 'redirect_elsewhere',
    },
  },
]

const contentCases: readonly Case[] = [
  { name: 'a body that matches', http: { fail_if_body_matches_regexp: ['(?i)HELLO\\s+[[:alpha:]]+'] } },
  { name: 'a body that does not match', http: { fail_if_body_matches_regexp: ['^goodbye'] } },
  { name: 'a body that has what it needs', http: { fail_if_body_not_matches_regexp: ['hello', 'world\\z'] } },
  { name: 'a body that lacks what it needs', http: { fail_if_body_not_matches_regexp: ['hello', 'moon'] } },
  {
    name: 'a bad status, so that no expression is looked for',
    path: '/status/500',
    http: { fail_if_body_not_matches_regexp: ['x'] },
  },
  {
    name: 'a header that matches',
    path: '/headers',
    http: { fail_if_header_matches: [{ header: 'x-one', regexp: 'f.rst' }] },
  },
  {
    name: 'one of several headers that matches',
    path: '/headers',
    http: { fail_if_header_not_matches: [{ header: 'Set-Cookie', regexp: '^b=' }] },
  },
  { name: 'a header that is missing', http: { fail_if_header_matches: [{ header: 'X-One', regexp: '.' }] } },
  {
    name: 'a header that may be missing',
    http: { fail_if_header_not_matches: [{ header: 'X-One', regexp: '.', allow_missing: true }] },
  },
  {
    name: 'gzip, decoded',
    path: '/coded/gzip',
    http: { compression: 'gzip', fail_if_body_not_matches_regexp: ['hello'] },
  },
  { name: 'gzip, as it came', path: '/coded/gzip' },
  { name: 'gzip, where there is none', http: { compression: 'gzip' } },
  { name: 'raw deflate', path: '/coded/deflate', http: { compression: 'deflate' } },
  {
    name: 'deflate as HTTP means it',
    path: '/coded/zlib',
    http: { compression: 'deflate' },
    differs: { [bodyLength]: 'deflate', probe_success: 'deflate' },
  },
  { name: 'a chunked body', path: '/chunked' },
  { name: 'a slow answer', path: '/slow' },
  { name: 'a body within its limit', http: { body_size_limit: '1KB' } },
  { name: 'a body beyond its limit', http: { body_size_limit: '100B' } },
  { name: 'HEAD', http: { method: 'HEAD' } },
  ...[
    'Tue, 15 Nov 1994 12:45:26 GMT',
    'Tuesday, 15-Nov-94 12:45:26 GMT',
    'Tue Nov 15 12:45:26 1994',
    'yesterday',
    '2026-02-03T04:05:06Z',
  ].map((at) => ({ name: `last modified "${at}"`, path: `/modified?at=${encodeURIComponent(at)}` })),
]

const requestCases: readonly Case[] = [
  {
    name: 'basic authentication',
    path: '/wants/basic',
    http: { basic_auth: { username: 'probe', password: 'secret' } },
  },
  { name: 'a bearer token', path: '/wants/bearer', http: { bearer_token: 'abc.def' } },
  { name: 'an authorization', path: '/wants/bearer', http: { authorization: { credentials: 'abc.def' } } },
  {
    name: 'POST with a body',
    path: '/wants/post',
    http: { method: 'POST', body: 'ping=1', headers: { 'Content-Type': 'text/x-ping' } },
  },
  { name: 'headers', path: '/wants/header', http: { headers: { 'X-Tenant': 'blue', 'User-Agent': 'me' } } },
  { name: 'the parameter hostname', path: '/wants/host', hostname: 'shop.example.org' },
  { name: 'a configured Host', path: '/wants/host', http: { headers: { Host: 'shop.example.org' } } },
  {
    name: 'the User-Agent',
    path: '/wants/agent',
    differs: { probe_success: 'user_agent', probe_http_status_code: 'user_agent' },
  },
  {
    name: 'dots in the path',
    path: '/a/../b',
    differs: {
      probe_success: 'dot_segments',
      probe_http_status_code: 'dot_segments',
      probe_http_uncompressed_body_length: 'dot_segments',
    },
  },
  { name: 'a connection that is closed, nothing compressed', path: '/wants/close' },
  {
    name: 'an umlaut in the query',
    path: '/?q=ä',
    differs: {
      probe_success: 'escapes',
      probe_http_status_code: 'escapes',
      probe_http_uncompressed_body_length: 'escapes',
    },
  },
  { name: 'a space and an umlaut in the path', path: '/a b/ü?q=1' },
]

const versionCases: readonly Case[] = [
  { name: 'HTTP/1.0', place: 'raw', path: '/http10' },
  { name: 'HTTP/1.0 with a length', place: 'raw', path: '/http10length' },
  {
    name: 'HTTP/1.0, not accepted',
    place: 'raw',
    path: '/http10',
    http: { valid_http_versions: ['HTTP/1.1'] },
  },
  { name: 'HTTP/2', place: 'http2', http: insecure, differs: { [chainExpiry]: 'chain_expiry_unverified' } },
  {
    name: 'HTTP/2, chunked',
    place: 'http2',
    path: '/chunked',
    http: insecure,
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
  {
    name: 'HTTP/2, a status',
    place: 'http2',
    path: '/status/503',
    http: insecure,
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
  {
    name: 'HTTP/2, redirects',
    place: 'http2',
    path: '/chain/2',
    http: insecure,
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
  {
    name: 'HTTP/2, POST',
    place: 'http2',
    path: '/wants/post',
    http: { ...insecure, method: 'POST', body: 'ping=1', headers: { 'Content-Type': 'text/x-ping' } },
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
  {
    name: 'HTTP/2, wanted',
    place: 'http2',
    http: { ...insecure, valid_http_versions: ['HTTP/2.0'] },
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
  {
    name: 'HTTP/2, not offered',
    place: 'http2',
    http: { ...insecure, enable_http2: false },
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
]

const brokenCases: readonly Case[] = [
  { name: 'a truncated body', place: 'raw', path: '/truncated' },
  {
    name: 'a truncated body with an expression',
    place: 'raw',
    path: '/truncated',
    http: { fail_if_body_not_matches_regexp: ['only'] },
    differs: { [regex]: 'regex_without_body' },
  },
  { name: 'a truncated chunked body', place: 'raw', path: '/truncatedChunk' },
  { name: 'a reset', place: 'raw', path: '/reset' },
  { name: 'a reset in the body', place: 'raw', path: '/resetBody' },
  { name: 'a close without an answer', place: 'raw', path: '/closed' },
  { name: 'what is not HTTP', place: 'raw', path: '/garbage' },
  { name: 'an interim answer', place: 'raw', path: '/interim' },
  { name: 'a body without a length', place: 'raw', path: '/noLength' },
  { name: 'a status line without a reason', place: 'raw', path: '/reason' },
  { name: 'silence', place: 'raw', path: '/hang', timeout: '300ms' },
  { name: 'silence in the body', place: 'raw', path: '/hangBody', timeout: '300ms' },
  { name: 'nobody listening', place: 'nothing' },
  { name: 'plain HTTP on a TLS port', place: 'good', host: 'http://127.0.0.1' },
  { name: 'TLS on a plain port', place: 'site', host: 'https://127.0.0.1' },
]

const tlsCases: readonly Case[] = [
  { name: 'a certificate that is good', place: 'good', http: { tls_config: { ca_file: 'ca.pem' } } },
  {
    name: 'a certificate that is good, and TLS 1.2',
    place: 'good',
    http: { tls_config: { ca_file: 'ca.pem', max_version: 'TLS12' } },
  },
  {
    name: 'a certificate of another name',
    place: 'good',
    hostname: 'other.example.org',
    http: { tls_config: { ca_file: 'ca.pem' } },
    differs: certificate,
  },
  {
    name: 'a server name that is asked for',
    place: 'good',
    http: { tls_config: { ca_file: 'ca.pem', server_name: 'shop.example.org' } },
  },
  {
    name: 'a chain whose root is the first to expire',
    place: 'chain',
    http: { tls_config: { ca_file: 'root.pem' } },
  },
  {
    name: 'a chain beside which an expired certificate is sent',
    place: 'crossed',
    http: { tls_config: { ca_file: 'root.pem' } },
  },
  {
    name: 'a chain beside which an expired certificate is sent, by a root that is trusted as well',
    place: 'crossed',
    http: { tls_config: { ca_file: 'roots.pem' } },
  },
  {
    name: 'a certificate with no name but its common name',
    place: 'nameless',
    http: { tls_config: { ca_file: 'ca.pem' } },
    differs: certificate,
  },
  { name: 'a chain of which nothing is trusted', place: 'chain', differs: certificate },
  { name: 'a self-signed certificate', place: 'selfSigned', differs: certificate },
  {
    name: 'a self-signed certificate, accepted',
    place: 'selfSigned',
    http: insecure,
    differs: { [chainExpiry]: 'chain_expiry_unverified' },
  },
  {
    name: 'an expired certificate',
    place: 'expired',
    http: { tls_config: { ca_file: 'ca.pem' } },
    differs: certificate,
  },
  { name: 'TLS 1.1 only', place: 'oldTls', http: insecure },
  {
    name: 'TLS where none is wanted',
    place: 'good',
    http: { tls_config: { ca_file: 'ca.pem' }, fail_if_ssl: true },
  },
  { name: 'no TLS where it is wanted', http: { fail_if_not_ssl: true } },
  {
    name: 'a client certificate that does not exist',
    place: 'good',
    http: { tls_config: { ca_file: 'missing.pem' } },
  },
]

const addressCases: readonly Case[] = [
  { name: 'IPv4, preferred', http: ip4 },
  { name: 'IPv4 where IPv6 is wanted', http: { ip_protocol_fallback: false } },
  { name: 'IPv6', place: 'ipv6' },
  { name: 'IPv6 where IPv4 is preferred', place: 'ipv6', http: ip4 },
  { name: 'a name', host: 'http://localhost' },
  { name: 'a name that does not resolve', host: 'http://nowhere.invalid' },
  { name: 'no scheme', host: '127.0.0.1' },
  { name: 'credentials in the URL', host: 'http://probe:secret@127.0.0.1', path: '/wants/basic' },
]

export const cases: readonly Case[] = [
  ...statusCases,
  ...redirectCases,
  ...contentCases,
  ...requestCases,
  ...versionCases,
  ...brokenCases,
  ...tlsCases,
  ...addressCases,
]
