/** The image, built from the Dockerfile and run for real, without a container engine: `npm run test:image`. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type RealProcess, startProcess } from '../support/processes/real_process.ts'
import { objectsOf, only, type StatefulSet } from '../support/rules/rendered_overlays.ts'
import { makeCertificate } from '../support/servers/certificates.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { configFolder, configurationOf, dataFolder, webServer } from './image.around.ts'
import { baseOf } from './image.base.ts'
import { type BuiltImage, buildImage } from './image.build.ts'
import { childrenOf, programOf } from './image.container.ts'
import { answers, probed, run, started, statusOf } from './image.run.ts'

const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version
let image: BuiltImage

beforeAll(() => {
  image = buildImage({ VERSION: version, REVISION: 'abc', CREATED: '2026-01-02T03:04:05Z' })
  return () => image.remove()
}, 600_000)

describe('what is in it', () => {
  test('says what it is, in the standard labels, and which port it serves', () => {
    const label = (name: string) => image.config.Labels[`org.opencontainers.image.${name}`]
    expect(label('title')).toBe('farmprobe')
    expect(label('licenses')).toBe('MIT')
    expect([label('version'), label('revision'), label('created')]).toEqual([
      version,
      'abc',
      '2026-01-02T03:04:05Z',
    ])
    expect(`${label('base.name')}@${label('base.digest')}`).toBe(`docker.io/library/${baseOf('Dockerfile')}`)
    expect(Object.keys(image.config.ExposedPorts)).toEqual(['9502/tcp'])
    expect(image.config.StopSignal).toBe('SIGTERM')
  })

  test('is of this version when nothing is handed in', () => {
    expect(readFileSync('Dockerfile', 'utf8')).toContain(`\nARG VERSION=${version}\n`)
  })

  test('runs as a user given by number who is not root', () => {
    expect(image.config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    expect(inside('id', '-u')).toBe(String(image.uid))
  })

  test('is what runs in production and nothing else, least of all npm or its settings', () => {
    expect(inside('ls', '/app').split('\n')).toEqual(['data', 'dist', 'package.json'])
    const left = ['root/.npmrc', 'usr/local/lib/node_modules', 'usr/local/bin/npm']
    expect(left.filter((path) => existsSync(join(image.root, path)))).toEqual([])
    console.info(`the image adds ${Math.round(bytesIn(join(image.root, 'app')) / 2 ** 20)} MiB to its base`)
  })
})

test('ends with 2 and says what it misses when no configuration is mounted', async () => {
  const args = [
    ...image.buildah.args,
    'run',
    image.container,
    '--',
    ...image.config.Entrypoint,
    ...image.config.Cmd,
  ]
  const service = await startProcess({ command: 'buildah', args, env: image.buildah.env })
  expect(await service.exit).toEqual({ code: 2, signal: null })
  expect(service.stderr.join('\n')).toContain('config/farmprobe.yaml')
})

describe('as a container, hardened', () => {
  test('probes, is scraped, is healthy, and as PID 1 ends within 5 s of SIGTERM', {
    timeout: 120_000,
  }, async () => {
    await using target = await webServer()
    const data = dataFolder(image.folder, image.uid, image.uid)
    const { service, listen, healthcheck } = await started(image, { target, data })
    const metrics = await probed(listen)
    expect(metrics).toMatch(/^farmprobe_up\{.*target="balancer".*\} 1$/m)
    expect(await healthcheck()).toBe(0)

    const program = programOf(service)
    expect(statusOf(program)).toMatchObject({
      NSpid: expect.stringMatching(/\t1$/),
      Uid: expect.stringMatching(new RegExp(`^${image.uid}\t${image.uid}`)),
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
    // Stops the start half way, and says so: once the program has its title, not at what is loaded before any of it runs.
    const preload = join(image.folder, 'preload.mjs')
    writeFileSync(
      preload,
      `import { registerHooks } from 'node:module'
       registerHooks({ load(url, context, next) {
         if (!url.includes('/dist/part-') || process.title !== 'farmprobe') return next(url, context)
         process.stderr.write('starting\\n')
         Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
         return next(url, context)
       } })`,
    )
    const mounts = [
      { from: preload, to: '/preload.mjs' },
      { from: configFolder(image.folder, anyConfiguration()), to: '/app/config' },
    ]
    const env = { NODE_OPTIONS: '--import=/preload.mjs' }
    const service = await run(image, [...image.config.Entrypoint, ...image.config.Cmd], { mounts, env })
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
      '/app/dist',
      '/app/.compile-cache',
      '/app/config',
      '/app/data',
    ]
    const script = `for (const place of ${JSON.stringify(places)}) {
      try { fs.writeFileSync(place + '/x', ''); console.log(place, 'written') } catch (error) { console.log(place, error.code) }
    }`
    const mounts = [
      { from: dataFolder(image.folder, image.uid, image.uid), to: '/app/data', writable: true },
      { from: configFolder(image.folder, anyConfiguration()), to: '/app/config' },
    ]
    const service = await run(image, ['node', '-e', script], { mounts })
    expect(await service.exit).toEqual({ code: 0, signal: null })
    expect(service.stdout).toEqual(
      places.map((place) => `${place} ${place === '/app/data' ? 'written' : 'EROFS'}`),
    )
  })

  test('probes without a place for its journal, and says so', { timeout: 60_000 }, async () => {
    await using target = await webServer()
    const { service, listen } = await started(image, { target })
    await probed(listen)
    expect(service.stderr.join('\n')).toMatch(/journal/)
    await ended(service)
  })

  test('needs no shell, nor any other program', { timeout: 60_000 }, async () => {
    // Only the program and what it loads stays: no other file may be run.
    const others = readdirSync(join(image.root, 'usr/bin')).map((name) => join(image.root, 'usr/bin', name))
    expect(others.map((path) => path.split('/').at(-1))).toContain('sh')
    for (const path of others) chmodSync(path, 0)
    try {
      const refused = await run(image, ['/bin/sh', '-c', 'echo hello'])
      expect((await refused.exit).code).not.toBe(0)
      await using target = await webServer()
      const { service, listen, healthcheck } = await started(image, {
        target,
        data: dataFolder(image.folder, image.uid, image.uid),
      })
      await probed(listen)
      expect(await healthcheck()).toBe(0)
      await ended(service)
    } finally {
      for (const path of others) chmodSync(path, 0o755)
    }
  })

  test('runs as any user, as OpenShift gives them', { timeout: 60_000 }, async () => {
    await using target = await webServer()
    const [someone, data] = [1_000_650_000, dataFolder(image.folder, 0, 0, 0o775)]
    const { service, listen } = await started(image, { target, data, uid: someone, gid: 0 })
    await probed(listen)
    expect(statusOf(programOf(service))['Uid']).toMatch(new RegExp(`^${someone}\t`))
    await eventually(
      'a journal',
      () => readdirSync(data),
      (names) => names.includes('farmprobe.db'),
    )
    await ended(service)
    // Without a mount the image's own folder has to do, where the root file system can be written to.
    const { gid, mode } = statSync(join(image.root, 'app/data'))
    expect([gid, mode & 0o777]).toEqual([0, 0o775])
  })

  test('runs as the manifests for Kubernetes say', { timeout: 60_000 }, async () => {
    const [set] = only<StatefulSet>(objectsOf('shards'), 'StatefulSet')
    if (set === undefined) throw new Error('the overlay has no StatefulSet')
    const pod = set.spec.template.spec
    const [{ args, env = [], volumeMounts, ...asked }] = pod.containers
    const { runAsUser, runAsGroup, fsGroup } = pod.securityContext as Record<string, number>
    await using target = await webServer()
    const listen = await freePort()
    const sites = Array.from({ length: 40 }, (_, site) => ({ name: `site${site}`, url: target.url }))
    const files: Readonly<Record<string, string>> = {
      config: configFolder(image.folder, { web: { listen: `127.0.0.1:${listen}` }, farms: sites }),
      data: dataFolder(image.folder, 0, fsGroup ?? 0, 0o2770),
    }
    const service = await run(image, [...image.config.Entrypoint, ...args], {
      uid: runAsUser ?? 0,
      gid: runAsGroup ?? 0,
      env: Object.fromEntries(env.map(({ name, value = '3' }) => [name, value.replace('$(POD_INDEX)', '3')])),
      mounts: volumeMounts.map(({ name, mountPath, readOnly = false }) => ({
        from: files[name] ?? '',
        to: mountPath,
        writable: !readOnly,
      })),
    })
    const { startupProbe, readinessProbe, livenessProbe } = asked
    for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe])
      await answers(listen, httpGet.path)
    expect(await probed(listen)).toContain('farmprobe_shard_info{shard="3",shards="11"} 1\n')
    await eventually(
      'a journal',
      () => readdirSync(files['data'] ?? ''),
      (names) => names.includes('farmprobe.db'),
    )
    await ended(service)
  })

  test('trusts an authority of one’s own that is mounted, and no other', { timeout: 120_000 }, async () => {
    const authority = await makeCertificate({ names: ['an authority'], ca: true })
    await using target = await webServer(await makeCertificate({ ips: ['127.0.0.1'], by: authority }))
    const file = join(image.folder, 'authority.pem')
    writeFileSync(file, authority.cert)
    const mounts = [{ from: file, to: '/etc/authority.pem' }]
    const without = await started(image, { target })
    expect(await probed(without.listen, 'tls')).not.toMatch(/^farmprobe_up\{.* 1$/m)
    await ended(without.service)
    const trusting = await started(image, {
      target,
      mounts,
      env: { NODE_EXTRA_CA_CERTS: '/etc/authority.pem' },
    })
    expect(await probed(trusting.listen)).toMatch(/^farmprobe_up\{.* 1$/m)
    await ended(trusting.service)
  })

  test('knows the time zones of the world, although the base has no data on them', {
    timeout: 60_000,
  }, async () => {
    expect(existsSync(join(image.root, 'usr/share/zoneinfo'))).toBe(false)
    const windows = [{ cron: '0 3 * * 0', timezone: 'Pacific/Chatham', for: '1h' }]
    const check = await run(image, [...image.config.Entrypoint, 'check'], {
      mounts: [
        { from: configFolder(image.folder, anyConfiguration({ maintenance: windows })), to: '/app/config' },
      ],
    })
    expect(await check.exit).toEqual({ code: 0, signal: null })
  })
})

/** Runs a command in the image by buildah to its end; what it printed. */
const inside = (...command: string[]) => image.buildah.run('run', image.container, '--', ...command)

/** Asks the service to end, as an engine does, and expects that it ends well. */
async function ended(service: RealProcess): Promise<void> {
  process.kill(programOf(service), 'SIGTERM')
  expect(await service.exit).toEqual({ code: 0, signal: null })
}

/** One that is only read. */
const anyConfiguration = (more: object = {}) => configurationOf(1, { url: 'http://127.0.0.1:9' }, more)

function bytesIn(path: string): number {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
