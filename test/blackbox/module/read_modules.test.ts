import { describe, expect, test } from 'vitest'
import { type HttpModule, standardModules } from '../../../src/blackbox/module/module.ts'
import { parseModules, readModules } from '../../../src/blackbox/module/read_modules.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { tempDir } from '../../support/temp_dir.ts'

const read = (text: string) => parseModules(text, '/etc/farmprobe/bb.yml')

function problemsOf(text: string): string {
  const result = read(text)
  return result.ok ? '' : said(result.problems)
}

function warningsOf(text: string): string {
  const result = read(text)
  if (!result.ok) throw new Error(said(result.problems))
  return said(result.warnings)
}

const said = (problems: readonly Parameters<typeof formatProblem>[0][]) =>
  problems.map((problem) => formatProblem(problem).replace('/etc/farmprobe/', '')).join('\n')

/** The module `m` of a file that has only this one, with these keys in YAML's flow form. */
function http(keys: string): HttpModule {
  const result = read(`modules:\n  m:\n    prober: http\n    http: { ${keys} }\n`)
  const module = result.ok ? result.modules.get('m') : undefined
  if (module === undefined || !('http' in module))
    throw new Error(problemsOf(`modules: { m: { prober: http, http: { ${keys} } } }`))
  return module.http
}

const withHttp = (keys: string) => problemsOf(`modules:\n  m:\n    prober: http\n    http:\n      ${keys}\n`)

const at = (line: string) => `bb.yml:5:${line}`

describe('a problem has its place, what is wrong, and what would be right:', () => {
  test.each([
    ['', 'bb.yml:1:1: not a mapping: nothing; write keys with their values'],
    ['modules:', 'bb.yml:1:9: modules: no module; write one, such as http_2xx: { prober: http }'],
    ['{', expect.stringContaining('not YAML')],
    ['moduls: {}', 'bb.yml:1:1: moduls: unknown key; did you mean modules?'],
    ['modules: { m: {} }', 'bb.yml:1:15: modules.m: no prober; write prober: http'],
    [
      'modules: { m: { prober: htpp } }',
      'bb.yml:1:25: modules.m.prober: not one of the choices: "htpp"; write http or tcp or icmp or dns or grpc or unix or websocket',
    ],
    [
      'modules: { m: { prober: http, timeout: 5 } }',
      'bb.yml:1:40: modules.m.timeout: not a duration: "5"; write a number and a unit, such as 500ms, 5s or 1m30s',
    ],
    [
      'modules: { m: { prober: http, prober: http } }',
      'bb.yml:1:31: modules.m.prober: this key is given twice; keep one',
    ],
  ])('%s', (text, said) => {
    expect(problemsOf(text)).toEqual(said)
  })

  test.each([
    [
      'valid_status_code: [200]',
      at('7: modules.m.http.valid_status_code: unknown key; did you mean valid_status_codes?'),
    ],
    [
      'valid_status_codes: [2xx]',
      at(
        '28: modules.m.http.valid_status_codes[0]: not a status code: "2xx"; write codes from 100 to 999, such as [200, 204]',
      ),
    ],
    [
      'valid_status_codes: 200',
      at(
        '27: modules.m.http.valid_status_codes: not a list: "200"; write a list in brackets; write codes from 100 to 999, such as [200, 204]',
      ),
    ],
    [
      'fail_if_ssl: maybe',
      at('20: modules.m.http.fail_if_ssl: neither true nor false: "maybe"; write true or false'),
    ],
    [
      'fail_if_body_matches_regexp: [":["]',
      at(
        '37: modules.m.http.fail_if_body_matches_regexp[0]: not a regular expression (missing closing ]): ":["; write an expression in the syntax of RE2',
      ),
    ],
    [
      'fail_if_body_matches_regexp: ["(?<=a)b"]',
      expect.stringContaining('look-behind, (?<=, which RE2 does not have'),
    ],
    ['fail_if_body_matches_regexp: ["(a)\\\\1"]', expect.stringContaining('a back reference')],
    [
      'fail_if_header_matches: [{ header: X }]',
      at('32: modules.m.http.fail_if_header_matches[0]: no regexp; a rule needs header and regexp'),
    ],
    [
      'fail_if_header_matches: [{ regexp: X }]',
      at('32: modules.m.http.fail_if_header_matches[0]: no header; a rule needs header and regexp'),
    ],
    [
      'fail_if_header_matches: [{ header: X, regexp: ":[" }]',
      at(
        '53: modules.m.http.fail_if_header_matches[0].regexp: not a regular expression (missing closing ]): ":["; write an expression in the syntax of RE2',
      ),
    ],
    [
      'fail_if_body_json_matches_cel: "body.f("',
      at(
        '38: modules.m.http.fail_if_body_json_matches_cel: not a CEL expression (unexpected token: EOF): "body.f("; write an expression on `body`, such as body.status == \'up\'',
      ),
    ],
    [
      '{ bearer_token: a, bearer_token_file: b }',
      at(
        '45: modules.m.http.bearer_token_file: bearer_token and bearer_token_file exclude each other; keep one',
      ),
    ],
    [
      '{ basic_auth: { username: a }, authorization: { credentials: b } }',
      at('53: modules.m.http.authorization: basic_auth and authorization exclude each other; keep one'),
    ],
    [
      'authorization: { type: basic, credentials: b }',
      at(
        '30: modules.m.http.authorization.type: the type is Basic; write basic_auth instead of authorization',
      ),
    ],
    [
      '{ body: a, body_file: b }',
      at('29: modules.m.http.body_file: body and body_file exclude each other; keep one'),
    ],
    [
      '{ compression: gzip, headers: { accEpt-enCoding: deflate } }',
      at(
        '56: modules.m.http.headers["accEpt-enCoding"]: the header does not accept gzip, which compression asks for; add it, or leave the header out',
      ),
    ],
    [
      '{ compression: gzip, headers: { Accept-Encoding: "*;q=0.0" } }',
      expect.stringContaining('does not accept gzip'),
    ],
    [
      'compression: zstd',
      at(
        '20: modules.m.http.compression: not one of the choices: "zstd"; write gzip or br or deflate or identity',
      ),
    ],
    [
      'headers: { "X Y": a }',
      at('25: modules.m.http.headers["X Y"]: not a header name; write one line of plain text'),
    ],
    [
      'headers: { X: "a\\nb" }',
      at(
        '21: modules.m.http.headers.X: a header value with line breaks or control characters; write one line of plain text',
      ),
    ],
    [
      'headers: { Host: a b }',
      at('24: modules.m.http.headers.Host: no host; write one, such as shop.example.org'),
    ],
    [
      'headers: { Expect: 100-continue }',
      at('26: modules.m.http.headers.Expect: a header that a probe cannot send; leave it out'),
    ],
    [
      'headers: { X-A: a, x-a: b }',
      at('31: modules.m.http.headers["x-a"]: a header given twice (case does not matter); keep one'),
    ],
    [
      'http_headers: { Authorization: { values: [a] } }',
      at('38: modules.m.http.http_headers.Authorization: a header that has a key of its own; set it there'),
    ],
    [
      'tls_config: { min_version: TLS13, max_version: TLS12 }',
      at('34: modules.m.http.tls_config.min_version: min_version is newer than max_version; swap them'),
    ],
    [
      'tls_config: { cert_file: a.pem }',
      at('19: modules.m.http.tls_config: cert alone; a client certificate needs both cert and key'),
    ],
    [
      'tls_config: { ca: nonsense }',
      at('19: modules.m.http.tls_config: ca is not a certificate; give one or more in PEM form'),
    ],
    [
      'method: CONNECT',
      at(
        '15: modules.m.http.method: a method for proxies: "CONNECT"; write a method, such as GET, HEAD or POST',
      ),
    ],
    [
      'body_size_limit: lots',
      at(
        '24: modules.m.http.body_size_limit: not a size: "lots"; write a number and a unit, such as 64KB or 10MB',
      ),
    ],
    [
      'valid_http_versions: [HTTP/3.0]',
      at(
        '29: modules.m.http.valid_http_versions[0]: HTTP/3.0 needs enable_http3, with which farmprobe does not serve the module; leave it out',
      ),
    ],
  ])('%s', (keys, said) => {
    expect(withHttp(keys)).toEqual(said)
  })

  test('everything at once, in the order of the file, and no secret', () => {
    const text =
      'modules:\n  a: { prober: http, http: { bearer_token: { hush: 1 } } }\n  b: { prober: nttp }\n'
    expect(problemsOf(text)).toBe(
      [
        'bb.yml:2:44: modules.a.http.bearer_token: not a text; write a text',
        'bb.yml:3:16: modules.b.prober: not one of the choices: "nttp"; write http or tcp or icmp or dns or grpc or unix or websocket',
      ].join('\n'),
    )
  })

  test.each([
    'bearer_token: { a: hush }',
    'authorization: hush',
    'authorization: { credentials: [hush] }',
    'basic_auth: hush',
    'basic_auth: { password: [hush] }',
    'headers: hush',
    'headers: { X-Api-Key: [hush] }',
    'headers: { X-Api-Key: "hush\\n" }',
    'http_headers: { X: hush }',
    'http_headers: { X: { secrets: hush } }',
    'http_headers: { X: { secrets: [[hush]] } }',
    'tls_config: { key: [hush] }',
    'tls_config: { key: hush, cert: hush }',
    'tls_config: hush',
  ])('and gives no secret away: %s', (keys) => {
    expect(withHttp(keys)).toContain('bb.yml:5:')
    expect(withHttp(keys)).not.toContain('hush')
  })

  test('a file that is not there', async () => {
    expect(await readModules('/no/such/bb.yml')).toEqual({
      ok: false,
      problems: [
        {
          file: '/no/such/bb.yml',
          line: 0,
          column: 0,
          path: '',
          message: "cannot be read: no such file; name a module file of blackbox_exporter's",
        },
      ],
    })
  })
})

describe('modules that are not served', () => {
  test.each([
    ['{ prober: tcp, tcp: { any: [thing] } }', 'its prober is tcp; farmprobe probes http only'],
    ['{ prober: dns, dns: { query_name: a } }', 'its prober is dns; farmprobe probes http only'],
    ['{ prober: icmp }', 'its prober is icmp; farmprobe probes http only'],
    ['{ prober: grpc, grpc: {} }', 'its prober is grpc; farmprobe probes http only'],
    ['{ prober: http, http: { oauth2: { client_id: a } } }', 'oauth2: farmprobe fetches no tokens'],
    [
      '{ prober: http, http: { enable_http3: true, enable_http2: false } }',
      'enable_http3: farmprobe does not speak HTTP/3',
    ],
    [
      '{ prober: http, http: { proxy_url: "http://p" } }',
      'proxy_url: farmprobe probes directly: what a proxy connects to could not be checked',
    ],
    [
      '{ prober: http, http: { basic_auth: { password_ref: a } } }',
      'basic_auth.password_ref: farmprobe has no secret manager; name the secret in a file',
    ],
  ])('%s', (module, why) => {
    const result = read(`modules: { m: ${module} }`)
    expect(result.ok && result.modules.get('m')).toMatchObject({ notServed: why })
    expect(warningsOf(`modules: { m: ${module} }`)).toBe(
      `bb.yml:1:15: modules.m: this module is not served: ${why}`,
    )
  })

  test('keys that ask for nothing are no reason', () => {
    expect(http('enable_http3: false, proxy_from_environment: false, proxy_url: ""').method).toBe('GET')
  })
})

describe('reads what the exporter reads:', () => {
  test('a module without settings is the one that holds without a file', () => {
    const result = read('modules: { http_2xx: { prober: http } }')
    expect(result.ok && result.modules).toEqual(standardModules)
  })

  test('anchors, merge keys and empty values', () => {
    const text = [
      'modules:',
      '  a: &a',
      '    prober: http',
      '    timeout: 1m30.5s',
      '    http: &h',
      '      method: POST',
      '      headers: { X-Version: 1.10 }',
      '  b:',
      '    <<: *a',
      '    http:',
      '      <<: [*h, { method: PUT, fail_if_ssl: yes }]',
      '      no_follow_redirects: true',
      '      tls_config:',
    ].join('\n')
    const result = read(text)
    const module = result.ok ? result.modules.get('b') : undefined
    expect(module && 'http' in module && module.http).toMatchObject({
      timeoutMs: 90_500,
      method: 'POST',
      headers: [['X-Version', '1.10']],
      followRedirects: false,
      failIfSsl: true,
    })
  })

  test('an alias in itself, and a merge key of what is no mapping', () => {
    expect(problemsOf('modules: &m { m: { <<: *m } }')).toContain('nested more than')
    expect(problemsOf('modules: { m: { <<: text } }')).toContain('`<<` takes over a mapping')
  })

  test('file names from the module file on', () => {
    expect(http('body_file: body.txt, bearer_token_file: /run/token').body).toEqual({
      file: '/etc/farmprobe/body.txt',
    })
    expect(http('bearer_token_file: /run/token').credentials).toEqual({
      type: 'Bearer',
      credentials: { file: '/run/token' },
    })
  })

  test.each([
    ['10MB', 10 * 2 ** 20],
    ['1KiB', 1024],
    ['1.5KB', 1536],
    ['128B', 128],
    ['128', 128],
    ['0', 0],
  ])('the size %s', (written, bytes) => {
    expect(http(`body_size_limit: ${written}`).bodySizeLimit).toBe(bytes)
  })

  test('further headers', () => {
    expect(
      http('http_headers: { X-A: { values: [one, two], secrets: [three], files: [four] } }').moreHeaders,
    ).toEqual([
      ['X-A', { text: 'one' }],
      ['X-A', { text: 'two' }],
      ['X-A', { text: 'three' }],
      ['X-A', { file: '/etc/farmprobe/four' }],
    ])
  })

  test('a dollar is a dollar: the environment has no part in module files', () => {
    expect(http("fail_if_body_matches_regexp: ['a$', '${HOME}']").failIfBody).toEqual(['a$', '${HOME}'])
  })
})

test('warns of what is hardly meant', () => {
  const text = `modules:
  m:
    prober: http
    http:
      valid_http_versions: [HTTP/1.1, HTTP/2]
      preferred_ip_protocol: ipv4
      headers: { Content-Length: 5 }
`
  expect(warningsOf(text)).toBe(
    [
      'bb.yml:5:39: modules.m.http.valid_http_versions[1]: no answer has the version "HTTP/2"; write HTTP/1.0, HTTP/1.1 or HTTP/2.0',
      'bb.yml:6:30: modules.m.http.preferred_ip_protocol: neither ip4 nor ip6: "ipv4" is taken for ip4, as by blackbox_exporter; write ip4',
      'bb.yml:7:34: modules.m.http.headers["Content-Length"]: this header is not sent: the message is framed without it',
    ].join('\n'),
  )
})

test('a module is shown without its secrets', () => {
  const text = `modules:
  m:
    prober: http
    timeout: 5s
    http:
      bearer_token: hush1
      body: hush2
      headers: { X-Api-Key: hush3, Accept: text/html }
      http_headers: { X-Session: { values: [hush4], files: [hush5] }, X-Plain: { secrets: [hush6], values: [seen] } }
      tls_config: { insecure_skip_verify: true }
      proxy_url: http://me:hush7@proxy/
      basic_auth: { username: me, password: hush8 }
`
  const result = read(text.replace('bearer_token: hush1', 'valid_status_codes: [200]'))
  const shown = (result.ok && result.modules.get('m')?.shown) || ''
  expect(shown).not.toContain('hush')
  expect(shown).toContain('insecure_skip_verify: true')
  expect(shown).toContain('- 200')
  expect(shown).toContain('seen')
  expect(shown).toContain('Accept: text/html')
})

test('the file is read as it is on the disk', async () => {
  await using dir = await tempDir()
  const file = await dir.write('bb.yml', 'modules: { m: { prober: http } }')
  const result = await readModules(file)
  expect(result.ok && [...result.modules.keys()]).toEqual(['m'])
})
