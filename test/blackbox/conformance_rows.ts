/**
 * The rows of the exporter's own tests of its HTTP prober, as data: what a server answers, what the module says, and
 * what must come of it. The names are those of the facts that they were taken from.
 */
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import type { Serve } from '../support/servers/http_server.ts'

export interface Row {
  readonly id: string
  readonly serve: Serve
  readonly http?: Readonly<Record<string, unknown>>
  readonly success: boolean
  /** Metrics that must have exactly these values. */
  readonly metrics?: Readonly<Record<string, number>>
}

const empty: Serve = (_, response) => void response.end()
const status =
  (code: number): Serve =>
  (_, response) =>
    void response.writeHead(code).end()
const body =
  (text: string | Buffer, headers: Readonly<Record<string, string>> = {}, code = 200): Serve =>
  (_, response) =>
    void response.writeHead(code, { ...headers, 'Content-Length': Buffer.byteLength(text) }).end(text)

const statusRow = (id: string, code: number, valid: readonly number[], success: boolean): Row => ({
  id,
  serve: status(code),
  http: { valid_status_codes: valid },
  success,
  metrics: { probe_http_status_code: code },
})

const statusRows: readonly Row[] = [
  statusRow('SC01', 200, [], true),
  statusRow('SC02', 201, [], true),
  statusRow('SC03', 299, [], true),
  statusRow('SC04', 300, [], false),
  statusRow('SC05', 404, [], false),
  statusRow('SC06', 404, [200, 404], true),
  statusRow('SC07', 200, [200, 404], true),
  statusRow('SC08', 201, [200, 404], false),
  statusRow('SC09', 404, [404], true),
  statusRow('SC10', 200, [404], false),
]

const versionRow = (id: string, versions: readonly string[], success: boolean): Row => ({
  id,
  serve: empty,
  http: { valid_http_versions: versions },
  success,
  metrics: { probe_http_version: 1.1 },
})

const versionRows: readonly Row[] = [
  versionRow('HV01', [], true),
  versionRow('HV02', ['HTTP/1.1'], true),
  versionRow('HV03', ['HTTP/1.1', 'HTTP/2.0'], true),
  versionRow('HV05', ['HTTP/2.0'], false),
]

const message = 'hello world'.repeat(10)
const coded = {
  gzip: gzipSync(message),
  br: brotliCompressSync(message),
  deflate: deflateRawSync(message),
}

const lengths = (content: number, uncompressed: number) => ({
  probe_http_content_length: content,
  probe_http_uncompressed_body_length: uncompressed,
})

const lengthRows: readonly Row[] = [
  {
    id: 'CL01',
    serve: body(message, { 'Content-Encoding': 'identity' }),
    success: true,
    metrics: lengths(110, 110),
  },
  { id: 'CL02', serve: body(message), success: true, metrics: lengths(110, 110) },
  {
    id: 'CL03',
    serve: body('x'.repeat(110), { 'Content-Encoding': 'xxx' }),
    success: true,
    metrics: lengths(110, 110),
  },
  { id: 'CL04', serve: body('not found', {}, 404), success: false, metrics: lengths(9, 9) },
  ...(['br', 'deflate', 'gzip'] as const).map((coding, index) => ({
    id: `CL0${5 + index}`,
    serve: body(coded[coding], { 'Content-Encoding': coding }),
    success: true,
    metrics: lengths(coded[coding].length, coded[coding].length),
  })),
]

const gzipped = body(coded.gzip, { 'Content-Encoding': 'gzip' })

const compressionRows: readonly Row[] = [
  {
    id: 'CP01',
    serve: gzipped,
    http: { compression: 'gzip' },
    success: true,
    metrics: lengths(coded.gzip.length, 110),
  },
  {
    id: 'CP02',
    serve: body(coded.br, { 'Content-Encoding': 'br' }),
    http: { compression: 'br' },
    success: true,
    metrics: lengths(coded.br.length, 110),
  },
  {
    id: 'CP03',
    serve: body(coded.deflate, { 'Content-Encoding': 'deflate' }),
    http: { compression: 'deflate' },
    success: true,
    metrics: lengths(coded.deflate.length, 110),
  },
  {
    id: 'CP04',
    serve: body(message, { 'Content-Encoding': 'identity' }),
    http: { compression: 'identity' },
    success: true,
    metrics: lengths(110, 110),
  },
  {
    id: 'CP05',
    serve: gzipped,
    http: { compression: 'deflate' },
    success: false,
    metrics: lengths(coded.gzip.length, 0),
  },
  ...['gzip', 'br, gzip', '*'].map((accepted, index) => ({
    id: `CP0${6 + index}`,
    serve: gzipped,
    http: { compression: 'gzip', headers: { 'Accept-Encoding': accepted } },
    success: true,
    metrics: lengths(coded.gzip.length, 110),
  })),
  { id: 'CP09', serve: gzipped, success: true, metrics: lengths(coded.gzip.length, coded.gzip.length) },
]

const short = gzipSync('A'.repeat(127))
const long = gzipSync('A'.repeat(129))

const limitRows: readonly Row[] = [
  {
    id: 'BL01',
    serve: body('A'.repeat(127)),
    http: { body_size_limit: '128B' },
    success: true,
    metrics: lengths(127, 127),
  },
  {
    id: 'BL02',
    serve: body('A'.repeat(129)),
    http: { body_size_limit: '128B' },
    success: false,
    metrics: lengths(129, 128),
  },
  {
    id: 'BL03',
    serve: body(short),
    http: { body_size_limit: '128B', compression: 'gzip' },
    success: true,
    metrics: lengths(short.length, 127),
  },
  {
    id: 'BL04',
    serve: body(long),
    http: { body_size_limit: '128B', compression: 'gzip' },
    success: false,
    metrics: lengths(long.length, 128),
  },
]

const bodyRow = (id: string, text: string, matches: readonly string[], success: boolean): Row => ({
  id,
  serve: body(text),
  http: { fail_if_body_matches_regexp: matches },
  success,
  metrics: { ...lengths(text.length, text.length), probe_failed_due_to_regex: success ? 0 : 1 },
})

const notBodyRow = (id: string, text: string, matches: readonly string[], success: boolean): Row => ({
  id,
  serve: body(text),
  http: { fail_if_body_not_matches_regexp: matches },
  success,
  metrics: { probe_failed_due_to_regex: success ? 0 : 1 },
})

const badNews = 'Bad news: could not connect to database server'
const download = 'Download the latest version here'

const bodyRows: readonly Row[] = [
  bodyRow('BR01', badNews, ['could not connect to database'], false),
  bodyRow('BR02', download, ['could not connect to database'], true),
  bodyRow('BR03', 'internal error', ['could not connect to database', 'internal error'], false),
  bodyRow('BR04', 'hello world', ['could not connect to database', 'internal error'], true),
  notBodyRow('BR05', badNews, [download], false),
  notBodyRow('BR06', download, [download], true),
  notBodyRow('BR07', download, [download, 'Copyright 2015'], false),
  notBodyRow('BR08', `${download}. Copyright 2015 Test Inc.`, [download, 'Copyright 2015'], true),
]

const cookieA = 'zz=4; expires=Mon, 01-Jan-1990 00:00:00 GMT; Domain=www.example.com; Path=/'
const cookieB = 'gid=1; Expires=Tue, 19-Mar-2019 20:08:29 GMT; Domain=.example.com; Path=/'
const cookieX = '.*Domain=\\.example\\.com.*'

function headerRow(
  id: string,
  option: 'fail_if_header_matches' | 'fail_if_header_not_matches',
  [header, regexp]: readonly [string, string],
  sent: readonly string[],
  success: boolean,
  missing = false,
): Row {
  return {
    id,
    serve(_, response) {
      response.setHeader(/cookie/i.test(header) ? 'Set-Cookie' : 'Content-Type', sent)
      response.end()
    },
    http: { [option]: [{ header, regexp, ...(missing && { allow_missing: true }) }] },
    success,
    metrics: { probe_failed_due_to_regex: success ? 0 : 1 },
  }
}

const matches = 'fail_if_header_matches'
const notMatches = 'fail_if_header_not_matches'
const script = 'text/javascript'
const octets = 'application/octet-stream'

const headerRows: readonly Row[] = [
  headerRow('HM01', matches, ['Content-Type', script], [script], false),
  headerRow('HM02', matches, ['Content-Type', script], [octets], true),
  headerRow('HM03', matches, ['content-type', script], [octets], true),
  headerRow('HM04', matches, ['Content-Type', '.*'], [''], false),
  headerRow('HM05', matches, ['Content-Type', '.*'], [], false),
  headerRow('HM06', matches, ['Content-Type', '.*'], [''], false, true),
  headerRow('HM07', matches, ['Content-Type', '.*'], [], true, true),
  headerRow('HM08', matches, ['Set-Cookie', cookieX], [cookieB], false),
  headerRow('HM09', matches, ['Set-Cookie', cookieX], [cookieA, cookieB], false),
  headerRow('HN01', notMatches, ['Content-Type', script], [script], true),
  headerRow('HN02', notMatches, ['content-type', script], [script], true),
  headerRow('HN03', notMatches, ['Content-Type', script], [octets], false),
  headerRow('HN04', notMatches, ['Content-Type', '.*'], [''], true),
  headerRow('HN05', notMatches, ['Content-Type', '.*'], [], false),
  headerRow('HN06', notMatches, ['Content-Type', '.*'], [], true, true),
  headerRow('HN07', notMatches, ['Set-Cookie', cookieX], [cookieA], false),
  headerRow('HN08', notMatches, ['Set-Cookie', cookieX], [cookieA, cookieB], true),
]

const json = '{"foo": {"bar": "baz"}}'
const baz = "body.foo.bar == 'baz'"

const celRow = (id: string, text: string, rule: string, success: boolean): Row => ({
  id,
  serve: body(text),
  http: { [`fail_if_body_json_${id.startsWith('CE') ? '' : 'not_'}matches_cel`]: rule },
  success,
  metrics: {
    ...lengths(Buffer.byteLength(text), Buffer.byteLength(text)),
    probe_failed_due_to_cel: success ? 0 : 1,
  },
})

const celRows: readonly Row[] = [
  celRow('CE01', json, baz, false),
  celRow('CE02', json, "body.foo.bar == 'qux'", true),
  celRow('CE03', '{}', "body.foo.bar == 'qux'", false),
  celRow('CE04', json, 'body.foo.bar', false),
  celRow('CE05', 'hello world', baz, false),
  celRow('CE06', '{}', baz, false),
  celRow('CE07', '"foo"', "body == 'foo'", false),
  celRow('CE08', '["foo","bar","baz"]', "body[2] == 'baz'", false),
  celRow('CE09', 'true', 'body', false),
  celRow('CE10', '', baz, false),
  celRow('CE11', '🤠🤠🤠', baz, false),
  celRow('CE12', '{"foo": {"bar": "🤠🤠🤠"}}', "body.foo.bar == '😿😿😿'", true),
  celRow('CN01', json, baz, true),
  celRow('CN02', json, "body.foo.bar == 'qux'", false),
  celRow('CN03', '{}', "body.foo.bar == 'qux'", false),
  celRow('CN04', json, 'body.foo.bar', false),
  celRow('CN05', 'hello world', baz, false),
  celRow('CN06', '{}', '!has(body.foo)', true),
  celRow('CN07', '"foo"', "body == 'foo'", true),
  celRow('CN08', '["foo","bar","baz"]', "body[2] == 'baz'", true),
  celRow('CN09', 'true', 'body', true),
  celRow('CN10', '', baz, false),
  celRow('CN11', '🤠🤠🤠', baz, false),
  celRow('CN12', '{"foo": {"bar": "🤠🤠🤠"}}', "body.foo.bar == '🤠🤠🤠'", true),
]

/** Answers well only what `right` says is a good request. */
const asserting =
  (right: (headers: Readonly<Record<string, unknown>>, body: string, method: string) => boolean): Serve =>
  ({ headers, method = '' }, response, text) =>
    void response.writeHead(right(headers, text, method) ? 200 : 400).end()

const agent = {
  Host: 'my-secret-vhost.com',
  'User-Agent': 'unsuspicious-user',
  'Accept-Language': 'en-US',
}

const requestRows: readonly Row[] = [
  {
    id: 'MT01',
    serve: asserting((_, __, method) => method === 'POST'),
    http: { method: 'POST' },
    success: true,
  },
  {
    id: 'AU01',
    serve: asserting(({ authorization }) => authorization === 'Basic dXNlcm5hbWU6cGFzc3dvcmQ='),
    http: { basic_auth: { username: 'username', password: 'password' } },
    success: true,
  },
  {
    id: 'AU02',
    serve: asserting(({ authorization }) => authorization === 'Bearer mysecret'),
    http: { bearer_token: 'mysecret' },
    success: true,
  },
  {
    id: 'HD01',
    serve: asserting((headers) =>
      Object.entries(agent).every(([name, value]) => headers[name.toLowerCase()] === value),
    ),
    http: { headers: agent },
    success: true,
  },
  {
    id: 'BD01',
    serve: asserting((_, text, method) => text === 'Test Body' && method === 'GET'),
    http: { body: 'Test Body' },
    success: true,
  },
]

const redirectTo =
  (target: (path: string) => string | undefined): Serve =>
  ({ url = '' }, response) => {
    const location = target(url)
    if (location === undefined) response.end()
    else response.writeHead(302, { Location: location }).end()
  }

const follows = { follow_redirects: true, enable_http2: true }

const redirectRows: readonly Row[] = [
  {
    id: 'RD01',
    serve: redirectTo((path) => (path === '/' ? '/noredirect' : undefined)),
    http: follows,
    success: true,
    metrics: { probe_http_redirects: 1, probe_http_status_code: 200 },
  },
  {
    id: 'RD02',
    serve: redirectTo(() => '/noredirect'),
    http: { valid_status_codes: [302] },
    success: true,
    metrics: { probe_http_redirects: 1, probe_http_status_code: 302, probe_http_uncompressed_body_length: 0 },
  },
  {
    id: 'RD03',
    serve: redirectTo((path) => `/redirect-${Number(/\d+/.exec(path)?.[0] ?? 0) + 1}`),
    http: follows,
    success: false,
    metrics: { probe_http_redirects: 11, probe_http_status_code: 302 },
  },
  {
    id: 'CK01',
    serve({ url, headers }, response) {
      const inAYear = new Date(Date.now() + 365 * 86_400_000).toUTCString()
      if (url === '/')
        response.writeHead(302, {
          Location: '/noredirect',
          'Set-Cookie': `somecookie=cookie; Expires=${inAYear}`,
        })
      else response.writeHead(headers.cookie === 'somecookie=cookie' ? 200 : 400)
      response.end()
    },
    http: follows,
    success: true,
  },
]

/** Rows with one plain server and its root as the target. */
export const rows: readonly Row[] = [
  ...statusRows,
  ...versionRows,
  ...lengthRows,
  ...compressionRows,
  ...limitRows,
  ...requestRows,
  ...redirectRows,
  ...bodyRows,
  ...headerRows,
  ...celRows,
]
