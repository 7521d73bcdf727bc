/** A secret of its own stands in every place that takes one; then everything that farmprobe says is searched for them. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { eventually } from '../support/eventually.ts'
import { main } from '../support/processes/node_settings.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { startEchoingNode } from '../support/servers/echoing_node.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

/** Sure to be found again: nothing else is spelled so. */
const canary = (place: string) => `canary-of-${place}-<&"é>`
const plainCanary = (place: string) => `canary-of-${place}`

const env = { FROM_ENVIRONMENT: plainCanary('environment') }

/** Every spelling in which one of them could show up. */
const spellings = [/canary-of/i, /Y2FuYXJ5LW9m/, /jYW5hcnktb2/, /NhbmFyeS1vZ/]

async function plant(dir: TempDir, port: number) {
  const pair = await makeCertificate({ names: ['localhost'] })
  await dir.write('body.txt', plainCanary('body-file'))
  await dir.write('password.txt', plainCanary('password-file'))
  await dir.write('bearer.txt', plainCanary('bearer-file'))
  await dir.write('key.pem', pair.key)
  await dir.write('cert.pem', pair.cert)
  const hash = hashSync(plainCanary('web-password'), 4)
  await dir.write('web.yml', stringify({ basic_auth_users: { alice: hash } }))
  const token = {
    headers: { 'X-Api-Key': plainCanary('module-header') },
    http_headers: { 'X-More': { secrets: [plainCanary('module-secret')] } },
    body: plainCanary('module-body'),
    bearer_token: plainCanary('module-bearer'),
    fail_if_body_matches_regexp: ['.'],
  }
  const password = { basic_auth: { username: 'u', password: plainCanary('module-password') } }
  const modules = { token: { prober: 'http', http: token }, password: { prober: 'http', http: password } }
  await dir.write('modules.yml', stringify({ modules }))
  const checks = [
    {
      name: 'headers',
      headers: {
        'X-Api-Key': plainCanary('api-key'),
        Cookie: `a=${plainCanary('cookie')}; b=2`,
        Authorization: `Bearer ${plainCanary('authorization-header')}`,
        'X-Trace': '${FROM_ENVIRONMENT}',
      },
    },
    { name: 'query', path: `/?token=${encodeURIComponent(plainCanary('query'))}&lang=en` },
    { name: 'body', method: 'POST', body: canary('body') },
    { name: 'body-file', method: 'POST', body_file: 'body.txt' },
    { name: 'basic', auth: { basic: { username: 'u', password: plainCanary('password') } } },
    { name: 'basic-file', auth: { basic: { username: 'u', password_file: 'password.txt' } } },
    { name: 'bearer', auth: { bearer: plainCanary('bearer') } },
    { name: 'bearer-file', auth: { bearer_file: 'bearer.txt' } },
    { name: 'environment', auth: { bearer: '${FROM_ENVIRONMENT}' } },
    {
      name: 'header-wanted',
      auth: { bearer: plainCanary('wanted') },
      expect: { headers: { 'X-Echo': '^no$' }, status: 500 },
    },
    { name: 'tls', tls: { cert: pair.cert, key: pair.key } },
    { name: 'tls-file', tls: { cert_file: 'cert.pem', key_file: 'key.pem' } },
  ]
  const file = await dir.write(
    'farmprobe.yaml',
    stringify({
      web: { listen: '127.0.0.1:0', config_file: 'web.yml' },
      journal: { path: `${dir.path}/journal.db` },
      blackbox: { modules: 'modules.yml' },
      defaults: { interval: '300ms', timeout: '2s', headers: { 'X-Token': plainCanary('defaults') } },
      farms: [
        {
          name: 'shop',
          url: 'http://shop.test',
          address: `127.0.0.1:${port}`,
          nodes: [{ name: 'web01', address: `127.0.0.1:${port}` }],
          identity: { header: 'X-Worker' },
          served_by: { header: 'X-Worker' },
          crosscheck: {
            pool: 'shop',
            port,
            interval: '1s',
            timeout: '1s',
            auth: { bearer: plainCanary('exporter') },
          },
          checks: checks.map((check) => ('tls' in check ? { ...check, targets: ['balancer'] } : check)),
        },
        {
          name: 'secure',
          url: 'https://shop.test',
          address: `127.0.0.1:${port}`,
          checks: [{ name: 'tls', tls: { cert: pair.cert, key: pair.key } }],
        },
      ].map((farm) => ({
        ...farm,
        checks: farm.checks.filter((check) => farm.name === 'secure' || !('tls' in check)),
      })),
    }),
  )
  const keyLine = pair.key.split('\n')[1] ?? ''
  return { file, hash, keyLine, count: checks.length - 2 }
}

function farmprobe(dir: TempDir, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...args],
      { cwd: dir.path, env: { ...process.env, ...env } },
      (_error, out, errors) => resolve(out + errors),
    )
  })
}

/** What of the secrets a text gives away. */
const found = (text: string, more: readonly string[]) =>
  [...spellings, ...more].flatMap((spelling) => {
    const at = typeof spelling === 'string' ? text.indexOf(spelling) : text.search(spelling)
    return at < 0 ? [] : [text.slice(Math.max(0, at - 60), at + 60)]
  })

const basic = (password: string) => ({
  Authorization: `Basic ${Buffer.from(`alice:${password}`).toString('base64')}`,
})

const farm = (check: string, more = 'url: https://a.example') =>
  `farms: [{ name: a, ${more}, checks: [{ name: home, ${check} }] }]\n`

test('no secret is in anything that farmprobe says', async () => {
  await using dir = await tempDir()
  await using node = await startEchoingNode(plainCanary('session'))
  const { file, hash, keyLine, count } = await plant(dir, node.port)
  const said = new Map<string, string>()
  {
    const args = [main, 'run', '-c', file, '--log-format', 'json', '--log-level', 'debug']
    await using running = await startProcess({
      command: process.execPath,
      args,
      env: { ...process.env, ...env },
    })
    const { url } = JSON.parse(await running.line(/"url":/)) as { url: string }
    const get = async (path: string, password = plainCanary('web-password')) => {
      const response = await fetch(url + path, { headers: basic(password) })
      const text = await response.text()
      return `${response.status}\n${JSON.stringify([...response.headers])}\n${text}`
    }
    expect(await get('/', plainCanary('guess'))).toMatch(/^401/)
    await eventually(
      'a failure of each check on both targets',
      async () => running.stderr.filter((line) => line.includes('"event":"outage_opened"')).length,
      (outages) => outages >= 2 * count + 1,
    )
    const failures = await get('/api/v1/failures?limit=500')
    expect(failures).toContain('<secret>')
    said.set('/api/v1/failures', failures)
    const paths = [
      '/',
      '/metrics',
      '/config',
      '/sd',
      '/api/v1/farms',
      '/api/v1/events',
      '/api/v1/openapi.json',
      '/nothing',
      '/api/v1/strips',
      '/api/v1/marks',
    ]
    for (const path of paths) said.set(path, await get(path))
    for (const check of ['headers', 'query', 'basic', 'bearer'])
      said.set(
        `/api/v1/series of ${check}`,
        await get(`/api/v1/series?farm=shop&target=web01&check=${check}`),
      )
    const target = `http://u:${plainCanary('target')}@127.0.0.1:${node.port}/?token=${plainCanary('target-query')}`
    for (const module of ['token', 'password']) {
      const debug = await get(`/probe?debug=true&module=${module}&target=${encodeURIComponent(target)}`)
      expect(debug).toContain('<secret>')
      said.set(`/probe with ${module}`, debug)
    }
    const refused = encodeURIComponent(target.replace('127.0.0.1', '127.0.0.9'))
    said.set('/probe refused', await get(`/probe?module=token&target=${refused}`))
    await running.stop()
    said.set('standard output', running.stdout.join('\n'))
    said.set('standard error', running.stderr.join('\n'))
  }
  for (const name of (await readdir(dir.path)).filter((each) => each.startsWith('journal.db')))
    said.set(name, (await readFile(`${dir.path}/${name}`)).toString('latin1'))
  said.set('check', await farmprobe(dir, 'check', file))
  said.set('once', await farmprobe(dir, 'once', '-c', file))
  said.set('once --json', await farmprobe(dir, 'once', '-c', file, '--json'))
  said.set('report --json', await farmprobe(dir, 'report', '-c', file, '--json'))
  said.set('report', await farmprobe(dir, 'report', '-c', file))

  const secrets = [hash, keyLine]
  expect([...said].flatMap(([where, text]) => found(text, secrets).map((what) => [where, what]))).toEqual([])
  expect(said.get('standard error')).toContain('"msg":"probed"')
  expect(said.get('once --json')).toContain('<secret>')
  expect(said.get('journal.db')).toContain('<secret>')
})

test('no mistake gives a secret away', async () => {
  await using dir = await tempDir()
  const secret = plainCanary('mistake')
  const mistakes = [
    farm(`auth: { basic: { username: u, password: [${secret}] } }`),
    farm(`auth: { basic: { username: u, pasword: ${secret} } }`),
    farm(`auth: { basic: ${secret} }`),
    farm(`auth: ${secret}`),
    farm(`auth: { bearer: "${secret} ${secret}" }`),
    farm(`auth: { bearer: ${secret}, bearer_file: nowhere }`),
    farm(`auth: { bearer: ${secret} }, headers: { Authorization: ${secret} }`),
    farm(`tls: { cert: ${secret}, key: ${secret} }`),
    farm(`tls: { ca: ${secret} }`),
    farm(`headers: { X-Token: "${secret}\\n" }`),
    farm(`headers: { Cookie: { a: ${secret} } }`),
    farm(`headers: [ ${secret} ]`),
    farm(`body: [${secret}]`),
    farm(`path: "https://u:${secret}@a.example/"`),
    farm(`path: "a?token=${secret}"`),
    farm('path: /', `url: "https://u:${secret}@a.example"`),
    farm('path: /', `url: "https://a.example/?token=${secret}"`),
    farm('path: "${FROM_ENVIRONMENT}"'),
    farm('interval: "${FROM_ENVIRONMENT}"'),
    farm('auth: { bearer: "${FROM_ENVIRONMENT} x" }'),
    `farms:\n  - name: a\n    auth: "${secret}\n`,
    `farms:\n  - name: a\n    password: ${secret}: x: y\n`,
  ]
  const webMistakes = [
    `basic_auth_users: { alice: ${secret} }`,
    `basic_auth_users: ${secret}`,
    `basic_auth_users: [${secret}]`,
    `basic_auth_users: { alice: "${secret} }`,
    `tls_server_config: { key: ${secret}, cert: ${secret} }`,
    `tls_server_config: { key: [${secret}] }`,
  ]
  const texts = [...mistakes, ...webMistakes]
  const files = await Promise.all(
    texts.map(async (text, index) => {
      if (index < mistakes.length) return dir.write(`${index}.yaml`, text)
      await dir.write(`${index}.yml`, text)
      return dir.write(`${index}.yaml`, `web: { config_file: ${index}.yml }\n${farm('path: /')}`)
    }),
  )
  const { check } = await import('../../src/cli/check.ts')
  const { capturedEdge } = await import('../support/processes/captured_edge.ts')
  for (const [index, file] of files.entries()) {
    const { edge, stdout, stderr } = capturedEdge()
    const code = await check(file, {}, { ...edge, env })
    const given = found(stdout() + stderr(), [])
    expect({ text: texts[index], code, given }).toEqual({ text: texts[index], code: 2, given: [] })
  }
})
