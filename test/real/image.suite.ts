/** The image, built from the Dockerfile and run for real, without a container engine: `npm run test:image`. */

import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/loopback_port.ts'
import { type RealProcess, startProcess } from '../support/real_process.ts'
import { baseOf, buildahIn, commitStandIn, npmSettings } from './image.base.ts'
import { childrenOf, type Mount, programOf, startContainer } from './image.container.ts'

interface Config {
  readonly User: string
  readonly WorkingDir: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly StopSignal: string
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly ExposedPorts: Record<string, unknown>
  readonly Labels: Record<string, string>
}

const folder = mkdtempSync(join(tmpdir(), 'farmprobe-image-'))
const buildah = buildahIn(folder)
const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
let container = ''
/** Where the files of the image are. */
let root = ''
let config: Config
let uid = 0

beforeAll(() => {
  commitStandIn(buildah.run, baseOf('Dockerfile'), folder)
  const npmrc = join(folder, 'npmrc')
  writeFileSync(npmrc, npmSettings(), { mode: 0o600 })
  // HEALTHCHECK exists in Docker's image format only.
  const build = ['bud', '--pull-never', '--format', 'docker', '--secret', `id=npmrc,src=${npmrc}`]
  const release = [
    '--build-arg',
    `VERSION=${version}`,
    '--build-arg',
    'REVISION=abc',
    '--build-arg',
    'CREATED=2026-01-02T03:04:05Z',
  ]
  buildah.run(...build, ...release, '--tag', 'farmprobe', '.')
  const inspected = JSON.parse(buildah.run('inspect', '--type', 'image', 'farmprobe')) as {
    Docker: { config: Config }
  }
  config = inspected.Docker.config
  uid = Number(config.User.split(':')[0])
  container = buildah.run('from', '--pull-never', 'farmprobe')
  root = buildah.run('mount', container)
}, 600_000)

afterAll(() => {
  if (root !== '') buildah.run('umount', container)
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

describe('what is in it', () => {
  test('says what it is, in the standard labels, and which port it serves', () => {
    const label = (name: string) => config.Labels[`org.opencontainers.image.${name}`]
    expect(label('title')).toBe('farmprobe')
    expect(label('licenses')).toBe('MIT')
    expect([label('version'), label('revision'), label('created')]).toEqual([
      version,
      'abc',
      '2026-01-02T03:04:05Z',
    ])
    expect(label('base.name')).toContain(baseOf('Dockerfile'))
    expect(Object.keys(config.ExposedPorts)).toEqual(['9502/tcp'])
    expect(config.StopSignal).toBe('SIGTERM')
  })

  test('is of this version when nothing is handed in', () => {
    expect(readFileSync('Dockerfile', 'utf8')).toContain(`\nARG VERSION=${version}\n`)
  })

  test('runs as a user given by number who is not root', () => {
    expect(config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(inside('id', '-u')).toBe(String(uid))
  })

  test('is what runs in production and nothing else, least of all npm or its settings', () => {
    expect(inside('ls', '/app').split('\n')).toEqual(['data', 'node_modules', 'package.json', 'src'])
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
      string,
      Record<string, string>
    >
    const installed = inside('ls', '/app/node_modules').split('\n')
    const kept = Object.keys(manifest['devDependencies'] ?? {}).filter((name) => installed.includes(name))
    expect(kept).toEqual([])
    const left = ['root/.npmrc', 'usr/local/lib/node_modules', 'usr/local/bin/npm']
    expect(left.filter((path) => existsSync(join(root, path)))).toEqual([])
    console.info(`the image adds ${Math.round(bytesIn(join(root, 'app')) / 2 ** 20)} MiB to its base`)
  })
})

test('ends with 2 and says what it misses when no configuration is mounted', async () => {
  const args = [...buildah.args, 'run', container, '--', ...config.Entrypoint, ...config.Cmd]
  const service = await startProcess({ command: 'buildah', args, env: buildah.env })
  expect(await service.exit).toEqual({ code: 2, signal: null })
  expect(service.stderr.join('\n')).toContain('config/farmprobe.yaml')
})

describe('as a container, hardened', () => {
  test('probes, is scraped, is healthy, and as PID 1 ends within 5 s of SIGTERM', {
    timeout: 120_000,
  }, async () => {
    await using target = await webServer()
    const data = dataFolder(uid, uid)
    const { service, listen, healthcheck } = await started({ target, data })
    const metrics = await probed(listen)
    expect(metrics).toMatch(/^farmprobe_up\{.*target="balancer".*\} 1$/m)
    expect(await healthcheck()).toBe(0)

    const program = programOf(service)
    expect(statusOf(program)).toMatchObject({
      NSpid: expect.stringMatching(/\t1$/),
      Uid: expect.stringMatching(new RegExp(`^${uid}\t${uid}`)),
      CapEff: '0000000000000000',
      NoNewPrivs: '1',
    })
    // It has nobody to reap: it starts no process, only threads.
    expect(childrenOf(program)).toEqual([])
    const sinceMs = performance.now()
    await ended(service)
    expect(performance.now() - sinceMs).toBeLessThan(5000)
    expect(await healthcheck()).toBe(1)
    expect(readdirSync(data)).toContain('farmprobe.db')
  })

  test('as PID 1 ends at SIGTERM while it starts, too', { timeout: 60_000 }, async () => {
    // Stops the start half way, and says so.
    const preload = join(folder, 'preload.mjs')
    writeFileSync(
      preload,
      `import { registerHooks } from 'node:module'
       registerHooks({ load(url, context, next) {
         if (!url.endsWith('/command_line.ts')) return next(url, context)
         process.stderr.write('starting\\n')
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
         return next(url, context)
       } })`,
    )
    const mounts = [
      { from: preload, to: '/preload.mjs' },
      { from: configFile(await freePort(), 9), to: '/app/config/farmprobe.yaml' },
    ]
    const env = { NODE_OPTIONS: '--import=/preload.mjs' }
    const service = await run([...config.Entrypoint, ...config.Cmd], { mounts, env })
    await service.line(/starting/)
    process.kill(programOf(service), 'SIGTERM')
    expect((await service.exit).code).toBe(128 + 15)
  })

  test('writes to its data and nowhere else', { timeout: 60_000 }, async () => {
    const places = [
      '/',
      '/tmp',
      '/etc',
      '/app',
      '/app/src',
      '/app/.compile-cache',
      '/app/config',
      '/app/data',
    ]
    const script = `for (const place of ${JSON.stringify(places)}) {
      try { fs.writeFileSync(place + '/x', ''); console.log(place, 'written') } catch (error) { console.log(place, error.code) }
    }`
    const mounts = [
      { from: dataFolder(uid, uid), to: '/app/data', writable: true },
      { from: configFile(1, 1), to: '/app/config/farmprobe.yaml' },
    ]
    const service = await run(['node', '-e', script], { mounts })
    expect(await service.exit).toEqual({ code: 0, signal: null })
    expect(service.stdout).toEqual(
      places.map((place) => `${place} ${place === '/app/data' ? 'written' : 'EROFS'}`),
    )
  })

  test('probes without a place for its journal, and says so', { timeout: 60_000 }, async () => {
    await using target = await webServer()
    const { service, listen } = await started({ target })
    await probed(listen)
    expect(service.stderr.join('\n')).toMatch(/journal/)
    await ended(service)
  })

  test('needs no shell, nor any other program', { timeout: 60_000 }, async () => {
    // Only the program and what it loads stays: no other file may be run.
    const others = readdirSync(join(root, 'usr/bin')).map((name) => join(root, 'usr/bin', name))
    expect(others.map((path) => path.split('/').at(-1))).toContain('sh')
    for (const path of others) chmodSync(path, 0)
    try {
      const refused = await run(['/bin/sh', '-c', 'echo hello'])
      expect((await refused.exit).code).not.toBe(0)
      await using target = await webServer()
      const { service, listen, healthcheck } = await started({ target, data: dataFolder(uid, uid) })
      await probed(listen)
      expect(await healthcheck()).toBe(0)
      await ended(service)
    } finally {
      for (const path of others) chmodSync(path, 0o755)
    }
  })

  test('runs as any user, as OpenShift gives them', { timeout: 60_000 }, async () => {
    await using target = await webServer()
    const [someone, data] = [1_000_650_000, dataFolder(0, 0, 0o775)]
    const { service, listen } = await started({ target, data, uid: someone, gid: 0 })
    await probed(listen)
    expect(statusOf(programOf(service))['Uid']).toMatch(new RegExp(`^${someone}\t`))
    await eventually(
      'a journal',
      () => readdirSync(data),
      (names) => names.includes('farmprobe.db'),
    )
    await ended(service)
    // Without a mount the image's own folder has to do, where the root file system can be written to.
    const { gid, mode } = statSync(join(root, 'app/data'))
    expect([gid, mode & 0o777]).toEqual([0, 0o775])
  })

  test('trusts an authority of one’s own that is mounted, and no other', { timeout: 120_000 }, async () => {
    const authority = await makeCertificate({ names: ['an authority'], ca: true })
    await using target = await webServer(await makeCertificate({ ips: ['127.0.0.1'], by: authority }))
    const file = join(folder, 'authority.pem')
    writeFileSync(file, authority.cert)
    const mounts = [{ from: file, to: '/etc/authority.pem' }]
    const without = await started({ target })
    expect(await probed(without.listen, 'tls')).not.toMatch(/^farmprobe_up\{.* 1$/m)
    await ended(without.service)
    const trusting = await started({ target, mounts, env: { NODE_EXTRA_CA_CERTS: '/etc/authority.pem' } })
    expect(await probed(trusting.listen)).toMatch(/^farmprobe_up\{.* 1$/m)
    await ended(trusting.service)
  })

  test('knows the time zones of the world, although the base has no data on them', {
    timeout: 60_000,
  }, async () => {
    expect(existsSync(join(root, 'usr/share/zoneinfo'))).toBe(false)
    const windows = [{ cron: '0 3 * * 0', timezone: 'Pacific/Chatham', for: '1h' }]
    const check = await run([...config.Entrypoint, 'check'], {
      mounts: [{ from: configFile(1, 1, { maintenance: windows }), to: '/app/config/farmprobe.yaml' }],
    })
    expect(await check.exit).toEqual({ code: 0, signal: null })
  })
})

/** Runs a command in the image's container to its end; what it printed. */
function inside(...command: string[]): string {
  return buildah.run('run', container, '--', ...command)
}

interface Around {
  readonly mounts?: readonly Mount[]
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
}

/** A command in a hardened container. */
function run(
  command: readonly string[],
  { mounts = [], env = {}, ...user }: Around = {},
): Promise<RealProcess> {
  const own = Object.fromEntries(config.Env.map((each) => each.split(/=(.*)/s, 2) as [string, string]))
  const workingDir = config.WorkingDir
  return startContainer({
    root,
    workingDir,
    command,
    mounts,
    env: { ...own, ...env },
    uid,
    gid: uid,
    ...user,
  })
}

/** The service, as its image says that it is run. */
async function started({ target, data, mounts = [], ...around }: Around & { target: Target; data?: string }) {
  const listen = await freePort()
  const all = [
    ...mounts,
    { from: configFile(listen, target), to: '/app/config/farmprobe.yaml' },
    ...(data === undefined ? [] : [{ from: data, to: '/app/data', writable: true }]),
  ]
  const sinceMs = performance.now()
  const service = await run([...config.Entrypoint, ...config.Cmd], { ...around, mounts: all })
  await eventually(
    'readiness',
    async () => (await fetch(`http://127.0.0.1:${listen}/-/ready`)).ok,
    Boolean,
    30_000,
  )
  console.info(`ready ${Math.round(performance.now() - sinceMs)} ms after the start, as ${around.uid ?? uid}`)
  const env = { FARMPROBE_HEALTH_URL: `http://127.0.0.1:${listen}/-/healthy` }
  const healthcheck = async () => (await (await run(config.Healthcheck.Test.slice(1), { env })).exit).code
  return { service, listen, healthcheck }
}

/** Asks the service to end, as an engine does, and expects that it ends well. */
async function ended(service: RealProcess): Promise<void> {
  process.kill(programOf(service), 'SIGTERM')
  expect(await service.exit).toEqual({ code: 0, signal: null })
}

/** The metrics, once a probe had this result. */
function probed(listen: number, result = 'ok'): Promise<string> {
  const scrape = async () => (await fetch(`http://127.0.0.1:${listen}/metrics`)).text()
  const seen = new RegExp(`^farmprobe_probes_total\\{.*result="${result}".*\\} [1-9]`, 'm')
  return eventually(`a probe that is ${result}`, scrape, (text) => seen.test(text), 30_000)
}

interface Target extends AsyncDisposable {
  readonly url: string
}

const hello = (_request: unknown, response: { end(text: string): void }) => response.end('hello')

/** A site to probe, over TLS when it has a certificate. */
async function webServer(certificate?: { cert: string; key: string }): Promise<Target> {
  const server: Server = certificate === undefined ? createServer(hello) : createTlsServer(certificate, hello)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const scheme = certificate === undefined ? 'http' : 'https'
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

let made = 0

/** A configuration in a file of its own that everybody may read. */
function configFile(listen: number, target: Target | number, more: object = {}): string {
  const url = typeof target === 'number' ? `http://127.0.0.1:${target}` : target.url
  const checks = [{ name: 'home', path: '/', interval: '200ms' }]
  const file = join(folder, `config-${(made += 1)}.yaml`)
  const text = JSON.stringify({
    web: { listen: `127.0.0.1:${listen}` },
    farms: [{ name: 'site', url, checks, ...more }],
  })
  writeFileSync(file, text, { mode: 0o644 })
  return file
}

/** A volume for the journal. */
function dataFolder(owner: number, group: number, mode = 0o750): string {
  const path = join(folder, `data-${(made += 1)}`)
  mkdirSync(path)
  chownSync(path, owner, group)
  chmodSync(path, mode)
  return path
}

/** What the kernel says of a process. */
function statusOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n')
  return Object.fromEntries(lines.map((line) => line.split(/:\t(.*)/s, 2) as [string, string]))
}

function bytesIn(path: string): number {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
