import { writeFile } from 'node:fs/promises'
import { hashSync } from 'bcryptjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadWebConfig } from '../../src/config/web/web_config.ts'
import { eventually } from '../support/eventually.ts'
import { main } from '../support/processes/node_settings.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { startPrometheus } from '../support/processes/real_prometheus.ts'
import { promtool } from '../support/rules/promtool.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

const webConfig = (hash: string) => ({
  tls_server_config: {
    cert_file: 'server.pem',
    key_file: 'server.key',
    client_auth_type: 'RequireAndVerifyClientCert',
    client_ca_file: 'ca.pem',
    client_allowed_sans: ['prometheus.example.org'],
    min_version: 'TLS13',
  },
  basic_auth_users: { prometheus: hash },
})

/** Writes every certificate that both sides need. */
async function writePairs(dir: TempDir) {
  const ca = await makeCertificate({ names: ['our authority'], ca: true })
  const server = await makeCertificate({ names: ['farmprobe.example.org'], by: ca })
  const client = await makeCertificate({ names: ['prometheus.example.org'], by: ca })
  await dir.write('ca.pem', ca.cert)
  await dir.write('server.pem', server.cert)
  await dir.write('server.key', server.key)
  return {
    cert_file: await dir.write('client.pem', client.cert),
    key_file: await dir.write('client.key', client.key),
    ca_file: `${dir.path}/ca.pem`,
    server_name: 'farmprobe.example.org',
  }
}

const tls = (more = '') => `tls_server_config: { cert_file: server.pem, key_file: server.key${more} }`
const user = `basic_auth_users: { a: "${hashSync('x', 4)}" }`

/** Whether Prometheus's own toolkit takes a text as a web configuration, and whether we do. */
async function verdicts(dir: TempDir, text: string) {
  const web = await dir.write('web.yml', text)
  const { ok: ours } = await loadWebConfig(web)
  try {
    promtool(['check', 'web-config', web])
    return { theirs: true, ours }
  } catch {
    return { theirs: false, ours }
  }
}

suiteWith('prometheus', 'promtool')('a real Prometheus', () => {
  test('scrapes over TLS with its certificate and password, and on when the password is changed', {
    timeout: 100_000,
  }, async () => {
    await using dir = await tempDir()
    const tls_config = await writePairs(dir)
    const web = await dir.write('web.yml', stringify(webConfig(hashSync('first', 10))))
    const password_file = await dir.write('password.txt', 'first')
    const port = await freePort()
    const file = await dir.write(
      'f.yaml',
      stringify({
        web: { listen: `127.0.0.1:${port}`, config_file: 'web.yml' },
        journal: { path: `${dir.path}/journal.db` },
        farms: [{ name: 'a', url: 'http://127.0.0.1:1' }],
      }),
    )
    await using farmprobe = await startProcess({ command: process.execPath, args: [main, 'run', '-c', file] })
    await farmprobe.line(/is running/)
    await using prometheus = await startPrometheus(
      { farmprobe: `127.0.0.1:${port}` },
      { scheme: 'https', tls_config, basic_auth: { username: 'prometheus', password_file } },
    )
    const up = async (value: number) =>
      eventually(
        `up being ${value}`,
        () => prometheus.query('up{job="farmprobe"}'),
        ([sample]) => sample?.value === value,
        30_000,
      )
    await up(1)
    await writeFile(web, stringify(webConfig(hashSync('second', 10))))
    await up(0)
    await writeFile(password_file, 'second')
    const [sample] = await up(1)
    expect(sample?.value).toBe(1)
  })

  let dir: TempDir
  beforeAll(async () => {
    dir = await tempDir()
    await writePairs(dir)
  })
  afterAll(() => dir[Symbol.asyncDispose]())

  test.each([
    '{}',
    user,
    tls(),
    `${tls()}\n${user}`,
    tls(', client_auth_type: RequestClientCert'),
    tls(', client_auth_type: RequireClientCert'),
    tls(', client_auth_type: RequireAnyClientCert'),
    tls(', client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem'),
    tls(', client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem'),
    tls(', min_version: TLS10, max_version: TLS11'),
    tls(', min_version: TLS13'),
    tls(
      ', cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]',
    ),
    tls(', curve_preferences: [CurveP256, CurveP384, CurveP521, X25519], prefer_server_cipher_suites: false'),
    'http_server_config: { http2: false, headers: { X-Frame-Options: deny, X-Content-Type-Options: nosniff } }',
    'http_server_config: { headers: { X-XSS-Protection: "1", Strict-Transport-Security: max-age=1, Content-Security-Policy: x } }',
  ])('takes, as we do: %s', async (text) => {
    expect(await verdicts(dir, text)).toEqual({ theirs: true, ours: true })
  })

  test.each([
    'basic_auth_user: {}',
    'basic_auth_users: { a: x }',
    'basic_auth_users: [',
    'tls_server_config: { cert_file: server.pem }',
    'tls_server_config: { cert_file: none.pem, key_file: server.key }',
    'tls_server_config: { cert_file: ca.pem, key_file: server.key }',
    tls(', client_auth_type: Maybe'),
    tls(', client_ca_file: ca.pem'),
    tls(', client_ca_file: none.pem, client_auth_type: VerifyClientCertIfGiven'),
    tls(', min_version: TLS09'),
    tls(', cipher_suites: [TLS_INVENTED]'),
    tls(', curve_preferences: [P256]'),
    'http_server_config: { headers: { X-Powered-By: me } }',
    'http_server_config: { headers: { X-Frame-Options: DENY } }',
  ])('refuses, as we do: %s', async (text) => {
    expect(await verdicts(dir, text)).toEqual({ theirs: false, ours: false })
  })

  test.each([
    ['an empty file', ''],
    ['settings without a certificate', 'tls_server_config: { min_version: TLS13 }'],
    ['versions in the wrong order', tls(', min_version: TLS13, max_version: TLS12')],
    [
      'an authority that is none',
      tls(', client_ca_file: server.key, client_auth_type: VerifyClientCertIfGiven'),
    ],
  ])('takes what we refuse: %s', async (_what, text) => {
    expect(await verdicts(dir, text)).toEqual({ theirs: true, ours: false })
  })
})
