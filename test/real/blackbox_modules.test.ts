/** The same module files for the real blackbox_exporter and for us: what one takes the other takes, but for a list. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { parseModules } from '../../src/blackbox/module/read_modules.ts'
import { binaryPath, suiteWith } from '../support/processes/real_binaries.ts'
import { tempDir } from '../support/temp_dir.ts'

const program = 'prometheus-blackbox-exporter'

const http = (...lines: string[]) =>
  `modules:\n  m:\n    prober: http\n    http:\n${lines.map((line) => `      ${line}\n`).join('')}`

const module = (written: string) => `modules: { m: ${written} }\n`

/** Taken by both, or refused by both. */
const alike: readonly string[] = [
  ...[
    'method: GET',
    'method: 5',
    'valid_status_codes: [200]',
    'valid_status_codes: 200',
    'valid_status_codes: [2xx]',
    'valid_status_codes: []',
    'valid_status_codes:',
    'fail_if_ssl: yes',
    'fail_if_ssl: maybe',
    'fail_if_body_matches_regexp: ["a"]',
    'fail_if_body_matches_regexp: a',
    'fail_if_body_matches_regexp: [":["]',
    'fail_if_body_matches_regexp: ["(?<=a)b"]',
    'fail_if_body_matches_regexp: ["(?i)a"]',
    'fail_if_body_matches_regexp: ["\\\\Qa.b\\\\E"]',
    'fail_if_body_matches_regexp: ["(?P<n>a)"]',
    'fail_if_body_matches_regexp: ["a{1000}"]',
    'fail_if_body_matches_regexp: ["a{1001}"]',
    'fail_if_body_matches_regexp: ["\\\\pL"]',
    'fail_if_body_matches_regexp: ["[[:alpha:]]"]',
    'fail_if_body_matches_regexp: ["(a)\\\\1"]',
    'fail_if_header_matches: [{ header: X, regexp: a, allow_missing: yes }]',
    'fail_if_header_matches: [{ header: X }]',
    'fail_if_header_matches: [{ regexp: X }]',
    'headers: { A: 1.10 }',
    'headers: [a]',
    'headers: { A: [b] }',
    'basic_auth: { username: a, password: b }',
    'basic_auth: { username: a, password: b, password_file: c }',
    'authorization: { credentials: a }',
    'authorization: { type: basic, credentials: a }',
    'tls_config: { insecure_skip_verify: true }',
    'tls_config: { min_version: TLS12 }',
    'tls_config: { min_version: TLS14 }',
    'tls_config: { min_version: "1.2" }',
    'tls_config:',
    'compression: gzip',
    'body_size_limit: 10MB',
    'body_size_limit: 0',
    'body_size_limit: 1.5KB',
    'body_size_limit: lots',
    'preferred_ip_protocol: ipv4',
    'valid_http_versions: [HTTP/2]',
    'no_follow_redirects: true',
    'unknown: 1',
    'proxy_url: http://a',
    'oauth2: { client_id: a, client_secret: b, token_url: "http://c" }',
    'skip_resolve_phase_with_proxy: true',
  ].map((line) => http(line)),
  http('method: GET', 'method: POST'),
  http('bearer_token: a', 'bearer_token_file: b'),
  http('bearer_token: a', 'basic_auth: { username: b }'),
  http('compression: gzip', 'headers: { accEpt-enCoding: deflate }'),
  http('compression: gzip', 'headers: { Accept-Encoding: "br, *;q=0.1" }'),
  http('compression: gzip', 'headers: { Accept-Encoding: "*;q=0.0" }'),
  ...['{ prober: tcp }', '{ prober: http, timeout: 5 }', '{ prober: http, timeout: 1m30.5s }'].map(module),
  ...['{ prober: http, timeout: 1d }', '{ prober: http, http: }', '{ prober: http, http: [] }'].map(module),
  ...['{ prober: dns, dns: { query_name: a } }', '{ prober: icmp }', '{ prober: grpc }'].map(module),
  'modules:\n  a: &a\n    prober: http\n    http: { method: GET }\n  b:\n    <<: *a\n    timeout: 5s\n',
  'modules:\n\tm: {}\n',
  '- a\n',
  'x-a: &a { prober: http }\nmodules: { m: *a }\n',
  'modules: { m: { prober: http }, m: { prober: tcp } }\n',
]

/** What only one of them takes, and why. */
const unlike: readonly (readonly [text: string, who: 'we' | 'they', why: string])[] = [
  [http('valid_status_codes: ["200"]'), 'we', 'quotes change nothing'],
  [http('fail_if_ssl: "true"'), 'we', 'quotes change nothing'],
  [http('body_size_limit: 10'), 'we', 'bytes need no unit'],
  [module('{ prober: http, timeout: "" }'), 'we', 'nothing is nothing, quoted or not'],
  [module('{ prober: tcp, tcp: { unknown: 1 } }'), 'we', 'settings of other probers are not looked at'],
  [http('compression: zstd'), 'they', 'no body can be decoded so, and each probe would fail'],
  [
    http('tls_config: { cert_file: a }'),
    'they',
    'a certificate without its key cannot be used, and each probe would fail',
  ],
  [http('method: "G T"'), 'they', 'no request can be made so'],
  [http('headers: { "X Y": a }'), 'they', 'no request can be made so'],
  [http('headers: { X: "a\\nb" }'), 'they', 'no request can be made so'],
  [module('{ prober: htpp }'), 'they', 'it is none; newer versions refuse it, too'],
  [module('{}'), 'they', 'a module needs a prober'],
  [module('{ prober: http, timeout: -5s }'), 'they', 'no time is less than none'],
  ['modules:\n', 'they', 'without a module nothing can be asked for'],
  ['modules: { m: }\n', 'they', 'a module needs a prober'],
  ['modules: { m: { prober: http } }\n---\nmodules: {}\n', 'they', 'what follows is not read'],
]

suiteWith(program)('blackbox_exporter and farmprobe', () => {
  test('take the same module files', async () => {
    const taken = await Promise.all(alike.map(takers))
    expect(alike.filter((_, index) => taken[index] === 'we' || taken[index] === 'they')).toEqual([])
    expect(taken.filter((who) => who === 'both').length).toBeGreaterThan(25)
    expect(taken.filter((who) => who === 'neither').length).toBeGreaterThan(25)
  })

  test.each(unlike)('%s is what only one takes', async (text, who) => {
    expect(await takers(text)).toBe(who)
  })
})

async function takers(text: string): Promise<'we' | 'they' | 'both' | 'neither'> {
  await using dir = await tempDir()
  const file = await dir.write('blackbox.yml', text)
  const check = spawnSync(binaryPath(program) ?? program, [`--config.file=${file}`, '--config.check'])
  const we = parseModules(text, file).ok
  if (check.status === 0) return we ? 'both' : 'they'
  return we ? 'we' : 'neither'
}
