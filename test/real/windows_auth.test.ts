import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { Outcome } from '../../src/model/outcome.ts'
import { eventually } from '../support/eventually.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { main, nodeSettings } from '../support/processes/node_settings.ts'
import { startHaproxy, startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import {
  type AuthServer,
  type Kdc,
  startAspNet,
  startKdc,
  startKerberosApache,
  startNtlmApache,
} from '../support/processes/windows_auth_servers.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

const run = promisify(execFile)
const utf8 = (text: string) => Buffer.from(text).toString('latin1')
const password = 's3cret & Pässword'
const ntlm = (given = password) => ({ ntlm: { user: 'DOM\\probe', password: given } })

interface Once {
  readonly program?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What `farmprobe once` says of each check on each target, by `check target`. */
async function once(farm: object, { program = main, env = {} }: Once = {}) {
  await using dir = await tempDir()
  const file = await dir.write('farmprobe.yaml', stringify({ farms: [{ name: 'intranet', ...farm }] }))
  const args = [...nodeSettings, program, 'once', '--json', '-c', file]
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...env } }).catch(
    (error: { readonly stdout: string; readonly stderr: string }) => {
      if (error.stdout === '') throw new Error(error.stderr)
      return error
    },
  )
  const { findings } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly verdict: string; readonly outcomes: readonly Outcome[] }[]
  }
  const outcomes = findings.flatMap((each) => each.outcomes)
  return {
    verdicts: findings.map(({ verdict }) => verdict),
    of: (check: string, target = 'balancer') =>
      outcomes.find((outcome) => outcome.check === check && outcome.target === target) as Outcome,
  }
}

suiteWith('apache2')('NTLM, against Apache', () => {
  let dir: TempDir
  let servers: AuthServer[] = []
  const at = (index: number) => servers[index] as AuthServer

  beforeAll(async () => {
    dir = await tempDir()
    await chmod(dir.path, 0o755)
    const users = await dir.write('users', `DOM:probe:${password}\n`)
    servers = [await startNtlmApache('WEB01', users), await startNtlmApache('WEB02', users)]
  })
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]()
    await dir?.[Symbol.asyncDispose]()
  })

  const nodes = () => servers.map(({ address }, index) => ({ name: `web0${index + 1}`, address }))

  test('is ok with the right password, on fresh and kept connections; a wrong one is told as that', async () => {
    const { verdicts, of } = await once({
      url: `http://${at(0).address}`,
      checks: [
        { name: 'right', auth: ntlm(), expect: { body: { contains: 'Welcome' } } },
        { name: 'kept', auth: ntlm(), connection: 'reuse' },
        { name: 'wrong', auth: ntlm('s3cret & Password') },
        { name: 'none' },
      ],
    })
    expect(of('right')).toMatchObject({ reason: 'ok', status: 200, bodyBytes: 7 })
    expect(of('right').authMs).toBeGreaterThan(0)
    expect(of('kept').reason).toBe('ok')
    expect(of('wrong')).toMatchObject({ reason: 'auth', status: 401 })
    expect(of('wrong').detail).toMatch(/^"WEB01" does not accept the user or the password of auth\.ntlm\./)
    expect(of('none')).toMatchObject({ reason: 'auth', status: 401 })
    expect(of('none').detail).toContain(
      'asks for Windows authentication (Negotiate and NTLM), and the check has no credentials',
    )
    expect(verdicts).toEqual(['ok', 'ok', 'unknown', 'unknown'])
  })

  test('through nginx, which gives each message a connection of its own, is told as that; the nodes are ok', async () => {
    await using nginx = await startNginx({ nodes: servers.map(({ address }) => address), timeoutMs: 5000 })
    const checks = [{ name: 'home', auth: ntlm() }]
    const { of } = await once({ url: `http://${nginx.address}`, nodes: nodes(), checks })
    expect(of('home')).toMatchObject({ reason: 'auth', status: 401 })
    expect(of('home').detail).toMatch(
      /^The messages of one NTLM handshake reached several servers \("WEB0\d", "WEB0\d"\)/,
    )
    expect(of('home', 'web01').reason).toBe('ok')
    expect(of('home', 'web02').reason).toBe('ok')
  })

  test('through HAProxy, which keeps them together, is ok', async () => {
    await using haproxy = await startHaproxy({
      nodes: servers.map(({ address }) => address),
      timeoutMs: 5000,
    })
    const { of } = await once({ url: `http://${haproxy.address}`, checks: [{ name: 'home', auth: ntlm() }] })
    expect(of('home').reason).toBe('ok')
  })

  test('shows nothing of what it sends: no log, page, metric or journal has the password or a message', async () => {
    await using journal = await tempDir()
    const checks = ['right', 'wrong'].map((name) => ({
      name,
      interval: '500ms',
      auth: ntlm(name === 'right' ? password : 'wr0ng & Pässword'),
    }))
    const path = join(journal.path, 'farmprobe.db')
    await using farmprobe = await startFarmprobe({
      journal: { path },
      farms: [{ name: 'intranet', url: `http://${at(0).address}`, checks }],
    })
    const seen = (check: string, reason: string) => () =>
      farmprobe.probes().filter((probe) => probe.check === check && probe.reason === reason).length
    await eventually('probes with the right password', seen('right', 'ok'), (count) => count > 2)
    await eventually('probes with the wrong password', seen('wrong', 'auth'), (count) => count > 2)
    const paths = ['/metrics', '/config', '/api/v1/farms', '/api/v1/failures', '/api/v1/events', '/']
    const shown = await Promise.all(paths.map(async (each) => (await farmprobe.get(each)).text))
    expect(shown[3]).toContain('does not accept the user or the password')
    const sent = (await at(0).sent()).map((value) => value.slice(value.indexOf(' ') + 1))
    const secrets = [password, 'wr0ng & Pässword', ...sent.filter((token) => token.length > 100)]
    expect(secrets.length).toBeGreaterThan(6)
    await farmprobe.process.stop()
    const { stdout, stderr } = farmprobe.process
    const kept = await Promise.all(
      (await readdir(journal.path)).map((name) => readFile(join(journal.path, name), 'latin1')),
    )
    expect(kept.join('').length).toBeGreaterThan(1000)
    const everything = [...shown, ...stdout, ...stderr, ...kept].join('\n')
    const leaked = secrets.filter((each) => everything.includes(each) || everything.includes(utf8(each)))
    expect(leaked).toEqual([])
  })
})

suiteWith('apache2', 'mod-mono-server4')('NTLM, in front of one of two nodes with ASP.NET', () => {
  test('one check probes both, and the cold start is part of the request that was answered', async () => {
    await using dir = await tempDir()
    await chmod(dir.path, 0o755)
    await using web01 = await startAspNet(1500, await dir.write('users', `DOM:probe:${password}\n`))
    await using web02 = await startAspNet(1500)
    const farm = {
      url: `http://${web02.address}`,
      nodes: [
        { name: 'web01', address: web01.address },
        { name: 'web02', address: web02.address },
      ],
      identity: { header: 'X-Worker' },
      checks: [{ name: 'home', auth: ntlm(), targets: ['nodes'], expect: { body: { contains: 'Welcome' } } }],
    }
    const [cold, warm] = [await once(farm), await once(farm)]
    for (const node of ['web01', 'web02']) {
      expect(cold.of('home', node)).toMatchObject({ reason: 'ok', status: 200 })
      expect(cold.of('home', node).firstByteMs).toBeGreaterThan(1500)
      expect(warm.of('home', node).firstByteMs).toBeLessThan(1500)
      expect(warm.of('home', node).identity).toBe(cold.of('home', node).identity)
      expect(warm.of('home', node).identity).toMatch(/^\d+-\d+$/)
    }
    expect(cold.of('home', 'web01').authMs).toBeLessThan(1500)
    expect(cold.of('home', 'web02')).not.toHaveProperty('authMs')
  })
})

/** What prebuilt binaries of the package would be; those come from a place that tests do not ask. */
async function installKerberos(folder: string): Promise<void> {
  // Node's headers come with its package; the ones that its interface needs have been the same since version 8.
  const env = { ...process.env, npm_config_nodedir: dirname(dirname(process.execPath)) }
  await run(
    'npm',
    ['install', '--build-from-source', '--no-audit', '--no-fund', '--prefix', folder, 'kerberos@7.0.0'],
    {
      cwd: folder,
      env,
    },
  )
}

suiteWith(
  'apache2',
  'krb5kdc',
  'kadmin.local',
  'kinit',
  'g++',
  'make',
)('Kerberos, against Apache and a KDC', () => {
  let owned: AsyncDisposableStack
  let kdc: Kdc
  let server: AuthServer
  let farmprobe: string
  let env: Readonly<Record<string, string>>

  beforeAll(async () => {
    owned = new AsyncDisposableStack()
    kdc = owned.use(await startKdc())
    server = owned.use(await startKerberosApache(kdc))
    // gss-ntlmssp, which the other servers need, would put its own errors in place of those of Kerberos.
    env = { ...kdc.env, GSS_MECH_CONFIG: '/dev/null' }
    for (const name of ['probe', 'renewed']) {
      await kdc.admin(`addprinc -randkey ${name}`)
      await kdc.admin(`ktadd -k ${kdc.file('probe.keytab')} ${name}`)
    }
    const { path } = owned.use(await tempDir())
    await installKerberos(path)
    const installed = join(path, 'node_modules/farmprobe')
    await mkdir(installed, { recursive: true })
    await cp(dirname(main), join(installed, 'dist'), { recursive: true })
    await copyFile(new URL('../../package.json', import.meta.url), join(installed, 'package.json'))
    farmprobe = join(installed, 'dist/farmprobe.js')
  }, 240_000)
  afterAll(() => owned.disposeAsync())

  const farm = (principal: string, keytab = 'probe.keytab') => ({
    url: `http://localhost:${server.port}`,
    address: server.address,
    checks: [
      {
        name: 'home',
        auth: { negotiate: { principal: `${principal}@EXAMPLE.ORG`, keytab_file: kdc.file(keytab) } },
      },
    ],
  })

  test('is ok with the keys of the principal', async () => {
    const { of } = await once(farm('probe'), { program: farmprobe, env })
    expect(of('home')).toMatchObject({ reason: 'ok', status: 200 })
    expect(of('home').authMs).toBeGreaterThan(0)
    expect((await server.sent()).every((sent) => sent.startsWith('Negotiate '))).toBe(true)
  })

  test('is ok in the threads that probe all the time', async () => {
    await using dir = await tempDir()
    const web = { listen: '127.0.0.1:0' }
    const config = {
      web,
      journal: { path: join(dir.path, 'farmprobe.db') },
      farms: [{ name: 'intranet', ...farm('probe') }],
    }
    // So long that it is read on a thread of its own.
    const file = await dir.write('farmprobe.yaml', stringify(config) + '# a comment\n'.repeat(4000))
    const logging = ['--log-format', 'json', '--log-level', 'debug']
    const args = [...nodeSettings, farmprobe, 'run', '-c', file, ...logging]
    await using running = await startProcess({ command: process.execPath, args, env })
    expect(await running.line(/"msg":"probed"/)).toContain('"reason":"ok"')
  })

  test('has no ticket for a principal that the keytab does not have', async () => {
    const { of } = await once(farm('nobody'), { program: farmprobe, env })
    expect(of('home')).toMatchObject({ reason: 'auth', status: 0 })
    expect(of('home').detail).toMatch(
      /^There is no Kerberos ticket of nobody@EXAMPLE\.ORG for HTTP\/localhost: none could be fetched/,
    )
  })

  test('says that a ticket has expired, where its keys are old as well; with the present keys it fetches another', async () => {
    const cache = kdc.file('tickets')
    const withCache = { program: farmprobe, env: { ...env, KRB5CCNAME: `FILE:${cache}` } }
    await kdc.fetchTicket('renewed', kdc.file('probe.keytab'), '1s', cache)
    await kdc.admin(`cpw -randkey renewed`)
    await delay(2000)
    const { of, verdicts } = await once(farm('renewed'), withCache)
    expect(of('home')).toMatchObject({
      reason: 'auth',
      detail: 'There is no Kerberos ticket of renewed@EXAMPLE.ORG for HTTP/localhost: "Ticket expired".',
    })
    expect(verdicts).toEqual(['unknown'])
    await kdc.admin(`ktadd -k ${kdc.file('present.keytab')} renewed`)
    expect((await once(farm('renewed', 'present.keytab'), withCache)).of('home').reason).toBe('ok')
  })

  test('is refused by a server that has other keys, and told as that', async () => {
    await kdc.admin('cpw -randkey HTTP/localhost')
    const { of } = await once(farm('probe'), { program: farmprobe, env })
    expect(of('home')).toMatchObject({ reason: 'auth', status: 401 })
    expect(of('home').detail).toMatch(
      /^The Kerberos ticket of probe@EXAMPLE\.ORG for HTTP\/localhost is not accepted: "Key version is not available"\. /,
    )
  })

  test('says what to install where the package is missing', async () => {
    await expect(once(farm('probe'))).rejects.toThrow(
      'run npm install kerberos in the folder that farmprobe is installed in',
    )
  })
})
