/** The image, built from the Dockerfile and run for real, without a container engine: `npm run test:image`. */

import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/loopback_port.ts'
import { type RealProcess, startProcess } from '../support/real_process.ts'
import { baseOf, buildahIn, commitStandIn, npmSettings } from './image.base.ts'

interface Config {
  readonly User: string
  readonly WorkingDir: string
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly ExposedPorts: Record<string, unknown>
  readonly Labels: Record<string, string>
}

const folder = mkdtempSync(join(tmpdir(), 'farmprobe-image-'))
const buildah = buildahIn(folder)
let container = ''
let config: Config

beforeAll(() => {
  commitStandIn(buildah.run, baseOf('Dockerfile'), folder)
  const npmrc = join(folder, 'npmrc')
  writeFileSync(npmrc, npmSettings(), { mode: 0o600 })
  // HEALTHCHECK exists in Docker's image format only.
  const build = ['bud', '--pull-never', '--format', 'docker', '--secret', `id=npmrc,src=${npmrc}`]
  buildah.run(...build, '--tag', 'farmprobe', '.')
  const inspected = JSON.parse(buildah.run('inspect', '--type', 'image', 'farmprobe')) as {
    Docker: { config: Config }
  }
  config = inspected.Docker.config
  container = buildah.run('from', '--pull-never', 'farmprobe')
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

test('says what it is, in the standard labels, and which port it serves', () => {
  expect(config.Labels).toMatchObject({
    'org.opencontainers.image.title': 'farmprobe',
    'org.opencontainers.image.licenses': 'MIT',
  })
  expect(Object.keys(config.ExposedPorts)).toEqual(['9502/tcp'])
})

test('runs as a user given by number who is not root', () => {
  expect(config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/)
  expect(inside('id', '-u')).toBe(config.User.split(':')[0])
})

test('holds what runs in production and nothing else, least of all npm settings', () => {
  expect(inside('ls', '/app').split('\n')).toEqual(['data', 'node_modules', 'package.json', 'src'])
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>
  const installed = inside('ls', '/app/node_modules').split('\n')
  const kept = Object.keys(manifest['devDependencies'] ?? {}).filter((name) => installed.includes(name))
  expect(kept).toEqual([])
  expect(inside('node', '-p', 'fs.existsSync("/root/.npmrc")')).toBe('false')
})

test('ends with 2 and says what it misses when no configuration is mounted', async () => {
  const service = await start([], [...config.Entrypoint, ...config.Cmd])
  expect(await service.exit).toEqual({ code: 2, signal: null })
  expect(service.stderr.join('\n')).toContain('config/farmprobe.yaml')
})

test('probes with the configuration mounted, is healthy meanwhile, and stops within 5 s of SIGTERM', async () => {
  const target = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(target, 'listening')
  const listen = await freePort()
  const file = join(folder, 'farmprobe.yaml')
  writeFileSync(file, configuration(listen, (target.address() as AddressInfo).port), { mode: 0o644 })
  const mounted = ['--volume', `${file}:${config.WorkingDir}/config/farmprobe.yaml:ro`]
  const asked = ['--env', `FARMPROBE_HEALTH_URL=http://127.0.0.1:${listen}/-/healthy`]
  const healthcheck = async () => (await (await start(asked, config.Healthcheck.Test.slice(1))).exit).code

  expect(await healthcheck()).toBe(1)
  const service = await start(mounted, [...config.Entrypoint, ...config.Cmd])
  const scrape = async () => (await fetch(`http://127.0.0.1:${listen}/metrics`)).text()
  const probed = /^farmprobe_probes_total\{.*result="ok".*\} [1-9]/m
  const metrics = await eventually('a probe counted', scrape, (text) => probed.test(text), 30_000)
  expect(metrics).toMatch(/^farmprobe_up\{.*target="balancer".*\} 1$/m)
  expect(await healthcheck()).toBe(0)
  const byConfiguration = await start(mounted, config.Healthcheck.Test.slice(1))
  expect((await byConfiguration.exit).code).toBe(0)

  const sinceMs = performance.now()
  process.kill(innermost(service.pid), 'SIGTERM')
  expect(await service.exit).toEqual({ code: 0, signal: null })
  expect(performance.now() - sinceMs).toBeLessThan(5000)
  target.close()
}, 120_000)

/** Runs a command in the image's container to its end; what it printed. */
function inside(...command: string[]): string {
  return buildah.run('run', container, '--', ...command)
}

function start(options: readonly string[], command: readonly string[]): Promise<RealProcess> {
  const args = [...buildah.args, 'run', ...options, container, '--', ...command]
  return startProcess({ command: 'buildah', args, env: buildah.env })
}

function configuration(listen: number, targetPort: number): string {
  const checks = [{ name: 'home', path: '/', interval: '200ms' }]
  const farm = { name: 'site', url: `http://127.0.0.1:${targetPort}`, checks }
  return JSON.stringify({ web: { listen: `127.0.0.1:${listen}` }, farms: [farm] })
}

/** buildah wraps the service in processes of its own and hands no signal on; a container engine sends it to the service. */
function innermost(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child !== '')
  return children[0] === undefined ? pid : innermost(Number(children[0]))
}
