import { once } from 'node:events'
import { createServer } from 'node:http'
import { hashSync } from 'bcryptjs'
import { beforeAll, expect, test } from 'vitest'
import { check } from '../../src/cli/check.ts'
import { healthy } from '../../src/cli/healthy.ts'
import { startOrExplain } from '../../src/cli/run.ts'
import { loadConfig } from '../../src/config/load_config.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { quietLog } from '../support/quiet_log.ts'
import { type Certificate, makeCertificate } from '../support/servers/certificates.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

let pair: Certificate
beforeAll(async () => {
  pair = await makeCertificate({ names: ['localhost'] })
})

const tls = 'tls_server_config: { cert_file: cert.pem, key_file: key.pem'
const users = `basic_auth_users: { alice: "${hashSync('x', 4)}" }\n`

/** A configuration that is protected as `webText` says, and a farmprobe that runs on it unless it must not. */
async function protectedBy(dir: TempDir, webText: string, more = '') {
  await dir.write('cert.pem', pair.cert)
  await dir.write('key.pem', pair.key)
  await dir.write('web.yml', webText)
  const port = await freePort()
  const file = await dir.write(
    'f.yaml',
    `web: { listen: "127.0.0.1:${port}", config_file: web.yml${more} }\n` +
      'farms: [{ name: a, url: "http://127.0.0.1:1", checks: [{ name: home, cron: "0 0 1 1 *" }] }]\n',
  )
  const { edge, stderr } = capturedEdge()
  const loaded = await loadConfig(file, {})
  if (!loaded.ok) throw new Error('not a configuration')
  const { log } = quietLog()
  const service = await startOrExplain(loaded.config, edge, {
    load: () => Promise.resolve(loaded),
    clock: systemClock,
    log,
    version: '1.2.3',
    lifecycle: false,
  })
  return { file, port, explained: stderr, [Symbol.asyncDispose]: async () => service?.stop(0) }
}

async function askHealth(options: Parameters<typeof healthy>[0]) {
  const { edge, stdout, stderr } = capturedEdge()
  const code = await healthy(options, edge)
  return { code, said: stdout() + stderr() }
}

test.each([
  ['plain HTTP', '{}', 'http', 'healthy'],
  ['passwords', users, 'http', 'healthy, and asks for a password'],
  ['TLS', `${tls} }\n`, 'https', 'healthy'],
  ['TLS and passwords', `${tls} }\n${users}`, 'https', 'healthy, and asks for a password'],
])('a farmprobe with %s is found healthy', async (_how, webText, scheme, words) => {
  await using dir = await tempDir()
  await using running = await protectedBy(dir, webText)
  expect(await askHealth({ config: running.file })).toEqual({
    code: 0,
    said: `${scheme}://127.0.0.1:${running.port}/-/healthy: ${words}\n`,
  })
})

test('where client certificates are required, health has a listener of its own', async () => {
  await using dir = await tempDir()
  const rule = `${tls}, client_ca_file: cert.pem, client_auth_type: RequireAndVerifyClientCert }\n`
  {
    await using running = await protectedBy(dir, rule)
    expect(await askHealth({ config: running.file })).toEqual({
      code: 1,
      said:
        `https://127.0.0.1:${running.port}/-/healthy: the connection was closed; where client certificates are required, ` +
        'set web.health_listen\n',
    })
  }
  const port = await freePort()
  await using running = await protectedBy(dir, rule, `, health_listen: "127.0.0.1:${port}"`)
  expect(await askHealth({ config: running.file })).toEqual({
    code: 0,
    said: `http://127.0.0.1:${port}/-/healthy: healthy\n`,
  })
})

test('a web configuration that has become invalid does not make it unhealthy', async () => {
  await using dir = await tempDir()
  await using running = await protectedBy(dir, `${tls} }\n`)
  await dir.write('web.yml', 'tls_server_config: [')
  expect(await askHealth({ config: running.file })).toMatchObject({ code: 0 })
})

test('no answer is unhealthy, and so is an error answer', async () => {
  await using dir = await tempDir()
  const port = await freePort()
  const file = await dir.write(
    'f.yaml',
    `web: { listen: "127.0.0.1:${port}" }\nfarms: [{ name: a, url: "http://a.example" }]\n`,
  )
  expect(await askHealth({ config: file })).toEqual({
    code: 1,
    said: `http://127.0.0.1:${port}/-/healthy: nothing listens there\n`,
  })
  const broken = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1')
  await once(broken, 'listening')
  const url = `http://127.0.0.1:${(broken.address() as { port: number }).port}/`
  expect(await askHealth({ config: 'unread', url })).toEqual({ code: 1, said: `${url}: answers 500\n` })
  const withPassword = url.replace('//', '//alice:hunter2@')
  expect((await askHealth({ config: 'unread', url: withPassword })).said).not.toContain('hunter2')
  broken.close()
})

test('a port that cannot be known is reported', async () => {
  await using dir = await tempDir()
  const file = await dir.write(
    'any.yaml',
    'web: { listen: "127.0.0.1:0" }\nfarms: [{ name: a, url: "http://a.example" }]\n',
  )
  expect(await askHealth({ config: file })).toEqual({
    code: 1,
    said: `${file}: web.listen takes any free port, which cannot be known from here; name it with --url\n`,
  })
})

test('without a valid configuration the default address is asked, and the problems are reported', async () => {
  await using dir = await tempDir()
  const file = await dir.write('bad.yaml', 'farms: []')
  const { code, said } = await askHealth({ config: file })
  // Whoever runs these tests may run a farmprobe too.
  expect([0, 1]).toContain(code)
  expect(said).toMatch(
    code === 0
      ? /^http:\/\/127\.0\.0\.1:9502\/-\/healthy: healthy/
      : /bad\.yaml:1:8: farms: an empty list.*\nhttp:\/\/127\.0\.0\.1:9502\/-\/healthy: nothing listens there\n$/,
  )
})

test('an invalid web configuration is found by check, and keeps farmprobe from starting', async () => {
  await using dir = await tempDir()
  await using refused = await protectedBy(dir, 'basic_auth_users: { alice: hunter2 }\n')
  const problem =
    `${dir.path}/web.yml:1:28: basic_auth_users.alice: no bcrypt hash; write user names with bcrypt hashes, such as ` +
    '`htpasswd -nBC 10 "" | tr -d \':\\n\'` makes them\n'
  expect(refused.explained()).toBe(problem)
  const { edge, stdout, stderr } = capturedEdge()
  expect(await check(refused.file, {}, edge)).toBe(2)
  expect([stdout(), stderr()]).toEqual([problem, `1 problem in ${dir.path}/web.yml\n`])
})
