import { readFile } from 'node:fs/promises'
import { hashSync } from 'bcryptjs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Keys } from '../../../src/config/schema/part.ts'
import { loadWebConfig } from '../../../src/config/web/web_config.ts'
import { clientAuthTypes, curves, webFileKeys } from '../../../src/config/web/web_keys.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { prometheusTlsVersions } from '../../../src/model/tls_version.ts'
import { type Certificate, makeCertificate } from '../../support/servers/certificates.ts'
import { tempDir } from '../../support/temp_dir.ts'

let pair: Certificate
let other: Certificate
beforeAll(async () => {
  pair = await makeCertificate()
  other = await makeCertificate()
})

const hash = hashSync('correct horse', 4)

/** Reads a text as web.yml, beside a certificate, its key and an authority; messages come without the folder. */
async function read(text: string) {
  await using dir = await tempDir()
  const file = await dir.write('web.yml', text)
  await dir.write('cert.pem', pair.cert)
  await dir.write('key.pem', pair.key)
  await dir.write('other.pem', other.key)
  await dir.write('not.pem', 'hello')
  const result = await loadWebConfig(file)
  const plain = (problem: Parameters<typeof formatProblem>[0]) =>
    formatProblem(problem).replaceAll(`${dir.path}/`, '').replaceAll(dir.path, '.')
  return {
    config: result.ok ? result.config : undefined,
    warnings: result.ok ? result.warnings.map(plain) : [],
    problems: result.ok ? '' : result.problems.map(plain).join('\n'),
    files: result.files.map((each) => each.replace(`${dir.path}/`, '')),
  }
}

const tls = (more = '') => `tls_server_config: { cert_file: cert.pem, key_file: key.pem${more} }`

const block = (text: string) => text.trim().split('\n').join('\n    ')

describe('a good file', () => {
  test('of everything is read, its files from its own folder', async () => {
    const { config, files, warnings } = await read(`
tls_server_config:
  cert_file: cert.pem
  key_file: key.pem
  client_ca_file: cert.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example.org, 10.0.0.9]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: sameorigin
    Content-Security-Policy: ""
basic_auth_users: { alice: "${hash}" }
rate_limit: { interval: 100ms, burst: 20 }
`)
    expect(files).toEqual(['web.yml', 'cert.pem', 'key.pem', 'cert.pem'])
    expect(warnings).toEqual([])
    expect(config).toEqual({
      tls: {
        context: {
          cert: pair.cert,
          key: pair.key,
          ca: pair.cert,
          minVersion: 'TLSv1.2',
          maxVersion: 'TLSv1.3',
          honorCipherOrder: false,
          ciphers:
            'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
          ecdhCurve: 'X25519:P-256',
        },
        http2: false,
        clientAuth: 'RequireAndVerifyClientCert',
        allowedSans: ['prometheus.example.org', '10.0.0.9'],
      },
      headers: { 'Strict-Transport-Security': 'max-age=31536000', 'X-Frame-Options': 'sameorigin' },
      users: new Map([['alice', hash]]),
      rateLimit: { intervalMs: 100, burst: 20 },
    })
  })

  test('can ask for nothing', async () => {
    expect((await read('{}')).config).toEqual({ headers: {}, users: new Map() })
    expect((await read('rate_limit: { interval: 0 }')).config).toEqual({ headers: {}, users: new Map() })
  })

  test('keeps the dollars of a hash, and an older name of a rule', async () => {
    const { config } = await read(
      `${tls(', client_auth_type: RequireClientCert')}\nbasic_auth_users: { a: ${hash} }`,
    )
    expect(config?.users.get('a')).toBe(hash)
    expect(config?.tls?.clientAuth).toBe('RequireAnyClientCert')
  })

  test('can hold certificate and key itself', async () => {
    const { config } = await read(
      `tls_server_config:\n  cert: |\n    ${block(pair.cert)}\n  key: |\n    ${block(pair.key)}\n`,
    )
    expect(config?.tls?.context.key).toContain('PRIVATE KEY')
  })

  test('is warned of where it lets more clients in than intended', async () => {
    expect((await read(tls(', client_auth_type: RequireAndVerifyClientCert'))).warnings).toEqual([
      'web.yml:1:80: tls_server_config.client_auth_type: RequireAndVerifyClientCert without client_ca_file: whatever ' +
        'certificate a public authority signed is accepted; name your own',
    ])
    expect((await read(tls(', client_auth_type: RequireAnyClientCert'))).warnings).toEqual([
      'web.yml:1:80: tls_server_config.client_auth_type: RequireAnyClientCert accepts certificates that anybody made; ' +
        'write RequireAndVerifyClientCert',
    ])
  })
})

describe('problems of a web configuration', () => {
  test.each([
    ['', 'web.yml: the file is empty; write {} if nothing is to be protected'],
    ['basic_auth_user: {}', 'web.yml:1:1: basic_auth_user: unknown key; did you mean basic_auth_users?'],
    [
      'tls_server_config: { cert_file: cert.pem }',
      'web.yml:1:20: tls_server_config: no key; write key_file or key',
    ],
    [
      'tls_server_config: { min_version: TLS13 }',
      'web.yml:1:20: tls_server_config: no cert; write cert_file or cert\n' +
        'web.yml:1:20: tls_server_config: no key; write key_file or key',
    ],
    [
      'tls_server_config: { cert_file: none.pem, key_file: key.pem }',
      'web.yml:1:33: tls_server_config.cert_file: "none.pem" cannot be read: no such file; relative names start at .',
    ],
    [
      'tls_server_config: { cert_file: not.pem, key_file: key.pem }',
      'web.yml:1:20: tls_server_config: cert is not a certificate; give it in PEM form',
    ],
    [
      tls(', client_ca_file: not.pem, client_auth_type: VerifyClientCertIfGiven'),
      'web.yml:1:20: tls_server_config: client_ca is not a certificate; give one or more in PEM form',
    ],
    [
      tls(', cert: x'),
      'web.yml:1:33: tls_server_config.cert_file: cert and cert_file exclude each other; keep one',
    ],
    [
      tls(', client_auth_type: Sometimes'),
      'web.yml:1:80: tls_server_config.client_auth_type: not one of the choices: "Sometimes"; write NoClientCert or ' +
        'RequestClientCert or RequireClientCert or RequireAnyClientCert or VerifyClientCertIfGiven or ' +
        'RequireAndVerifyClientCert',
    ],
    [
      tls(', client_ca_file: cert.pem'),
      'web.yml:1:78: tls_server_config.client_ca_file: client_ca_file without client_auth_type, so that no client is ' +
        'asked for a certificate; write client_auth_type: RequireAndVerifyClientCert',
    ],
    [
      tls(', client_auth_type: VerifyClientCertIfGiven, client_ca_file: cert.pem, client_allowed_sans: [a]'),
      'web.yml:1:152: tls_server_config.client_allowed_sans: client_allowed_sans with client_auth_type ' +
        'VerifyClientCertIfGiven, which lets clients in without a certificate; write client_auth_type: ' +
        'RequireAndVerifyClientCert',
    ],
    [
      tls(', min_version: TLS13, max_version: TLS12'),
      'web.yml:1:75: tls_server_config.min_version: min_version TLS13 is newer than max_version TLS12; exchange them',
    ],
    [
      tls(', min_version: TLSv1.2'),
      'web.yml:1:75: tls_server_config.min_version: not one of the choices: "TLSv1.2"; write TLS10 or TLS11 or TLS12 or TLS13',
    ],
    [
      tls(', curve_preferences: [X25519, P256]'),
      'web.yml:1:90: tls_server_config.curve_preferences[1]: not known: "P256"; write a list of CurveP256, CurveP384, ' +
        'CurveP521, X25519',
    ],
    [
      'http_server_config: { headers: { X-Powered-By: me } }',
      'web.yml:1:34: http_server_config.headers["X-Powered-By"]: unknown key; known here: Strict-Transport-Security, ' +
        'X-Content-Type-Options, X-Frame-Options, X-XSS-Protection, Content-Security-Policy',
    ],
    [
      'http_server_config: { headers: { X-Frame-Options: DENY } }',
      'web.yml:1:51: http_server_config.headers["X-Frame-Options"]: not allowed: "DENY"; write deny or sameorigin',
    ],
    [
      'basic_auth_users: { alice: hunter2 }',
      'web.yml:1:28: basic_auth_users.alice: no bcrypt hash; write user names with bcrypt hashes, such as ' +
        '`htpasswd -nBC 10 "" | tr -d \':\\n\'` makes them',
    ],
    [
      'rate_limit: { interval: 1s }',
      'web.yml:1:13: rate_limit: a burst of 0 refuses every request; write burst: 1 or more',
    ],
    [
      'rate_limit: { interval: fast, burst: 1 }',
      'web.yml:1:25: rate_limit.interval: not a duration: "fast"; write a number and a unit, such as 100ms or 1s, or 0 ' +
        'for no limit',
    ],
  ])('%s', async (text, problems) => {
    expect((await read(text)).problems).toBe(problems)
  })

  test('a key of another certificate is reported, and not shown', async () => {
    const { problems } = await read('tls_server_config: { cert_file: cert.pem, key_file: other.pem }')
    expect(problems).toBe(
      'web.yml:1:20: tls_server_config: cert and key cannot be used together (key values mismatch); give the ' +
        'unencrypted PEM key that belongs to the certificate',
    )
  })

  test('a file that would take long to parse is refused before it is', async () => {
    expect((await read(`# ${'x'.repeat(128 * 1024)}\n{}`)).problems).toMatch(
      /^web\.yml: cannot be read: it is 128 KiB; at most 128 KiB are read; web\.config_file names it$/,
    )
  })

  test('a file that is not there is named', async () => {
    const result = await loadWebConfig('/nowhere/web.yml')
    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      '/nowhere/web.yml: cannot be read: no such file; web.config_file names it',
    ])
  })
})

test('the documentation names every key and every value that is a choice', async () => {
  const text = await readFile('docs/security.md', 'utf8')
  const namesIn = (keys: Keys = {}): string[] =>
    Object.entries(keys).flatMap(([name, { part }]) => [name, ...namesIn(part.keys)])
  const keys = namesIn(webFileKeys.keys)
  keys.push(
    ...clientAuthTypes.filter((name) => name !== 'RequireClientCert'),
    ...Object.keys(prometheusTlsVersions),
    ...Object.keys(curves),
  )
  expect(keys.length).toBeGreaterThan(35)
  expect(keys.filter((key) => !new RegExp(`[\`.]${key}[\`.]`).test(text))).toEqual([])
})
