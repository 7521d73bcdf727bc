import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { hashSync } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { eventually } from '../support/eventually.ts'
import { main } from '../support/processes/node_settings.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { startRawServer } from '../support/servers/raw_server.ts'
import { tempDir } from '../support/temp_dir.ts'

/** The real process, as users start it. */
function farmprobe(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

test.concurrent('--version prints the version alone', async () => {
  const { code, stdout } = await farmprobe('--version')
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${manifest.version}\n` })
})

test.concurrent('--help names every verb, goes to standard output and succeeds', async () => {
  const { code, stdout, stderr } = await farmprobe('--help')
  expect(code).toBe(0)
  expect(stderr).toBe('')
  for (const verb of ['run', 'check', 'once', 'demo', 'healthy'])
    expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'))
})

test.concurrent.for([
  { args: ['--help'], ends: 0 },
  { args: ['run', '--help'], ends: 0 },
  { args: ['check', 'no-such.yaml'], ends: 2 },
  { args: ['demo', '--port', '0'], ends: 0 },
])('$args without a reader of its output ends quietly with $ends', async ({ args, ends }) => {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect({ code, stderr: stderr.replace(/^1 problem in .*\n$/, '') }).toEqual({ code: ends, stderr: '' })
})

describe.runIf(existsSync('/dev/full'))('where nothing more can be written', () => {
  test.concurrent('a log ends no probing', async () => {
    await using dir = await tempDir()
    const port = await freePort()
    const text = `{ web: { listen: "127.0.0.1:${port}" }, journal: { path: ${dir.path}/j.db }, farms: [{ name: a, url: "http://127.0.0.1:9" }] }`
    const args = [main, 'run', '-c', await dir.write('farm.yaml', text)]
    await using full = await open('/dev/full', 'w')
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', full.fd] })
    const ended = once(child, 'exit')
    const alive = () =>
      fetch(`http://127.0.0.1:${port}/-/healthy`).then(
        ({ ok }) => ok,
        () => child.exitCode,
      )
    expect(await eventually('an answer, or its end', alive, (answer) => answer !== null)).toBe(true)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  test.concurrent('data is missed, and that is said without a stack', async () => {
    await using full = await open('/dev/full', 'w')
    const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', full.fd, 'pipe'] })
    const [stderr, [code]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'standard output cannot be written: ENOSPC: no space left on device, write\n',
    })
  })
})

test.runIf(process.platform === 'linux')(
  'a process that runs is named farmprobe, and SIGHUP never ends it from then on',
  { concurrent: true },
  async () => {
    await using dir = await tempDir()
    const text = `{ web: { listen: "127.0.0.1:0" }, journal: { path: ${dir.path}/j.db }, farms: [{ name: a, url: "http://127.0.0.1:9" }] }`
    const args = [main, 'run', '-c', await dir.write('farm.yaml', text)]
    await using run = await startProcess({ command: process.execPath, args })
    const named = () => readFile(`/proc/${run.pid}/comm`, 'utf8')
    await eventually('its name', named, (name) => name === 'farmprobe\n')
    const hangUp = setInterval(() => run.signal('SIGHUP'), 5)
    await run.line(/farmprobe is running/)
    await run.line(/configuration reloaded/)
    clearInterval(hangUp)
    expect(await run.stop()).toEqual({ code: 0, signal: null })
  },
)

const isolated = ['--pid', '--fork', '--kill-child']

test.runIf(spawnSync('unshare', [...isolated, 'true']).status === 0)(
  'SIGHUP never ends PID 1 of a container, not even before Node has started',
  { concurrent: true },
  async () => {
    await using dir = await tempDir()
    const text = `{ web: { listen: "127.0.0.1:0" }, journal: { path: ${dir.path}/j.db }, farms: [{ name: a, url: "http://127.0.0.1:9" }] }`
    const args = [...isolated, process.execPath, main, 'run', '-c', await dir.write('farm.yaml', text)]
    await using wrapper = await startProcess({ command: 'unshare', args })
    const child = () => readFile(`/proc/${wrapper.pid}/task/${wrapper.pid}/children`, 'utf8')
    const pid = Number(await eventually('its process', child, (pids) => pids.trim() !== ''))
    const hangUp = setInterval(() => process.kill(pid, 'SIGHUP'), 5)
    await wrapper.line(/farmprobe is running/).finally(() => clearInterval(hangUp))
    process.kill(pid, 'SIGTERM')
    expect(await wrapper.exit).toEqual({ code: 0, signal: null })
  },
)

test.concurrent('run knows the flags of exporters', async () => {
  await using dir = await tempDir()
  const farms = 'farms: [{ name: a, url: "http://127.0.0.1:9" }]'
  const file = await dir.write(
    'f.yaml',
    `{ web: { listen: "127.0.0.1:1" }, journal: { path: ${dir.path}/j.db }, ${farms} }`,
  )
  const users = await dir.write('web.yml', `basic_auth_users: { prometheus: ${hashSync('right', 4)} }`)
  const flags = ['--config.file', file, '--web.listen-address', ':0', '--web.config.file', users]
  await using run = await startProcess({ command: process.execPath, args: [main, 'run', ...flags] })
  const [, url = ''] = /url=(\S+) listen=0\.0\.0\.0 /.exec(await run.line(/farmprobe is running/)) ?? []
  const statusWith = async (password: string) => {
    const authorization = `Basic ${Buffer.from(`prometheus:${password}`).toString('base64')}`
    return (await fetch(`${url}/metrics`, { headers: { authorization, connection: 'close' } })).status
  }
  expect([await statusWith('wrong'), await statusWith('right')]).toEqual([401, 200])
})

test.concurrent('an unknown verb names the nearest and fails with 2', async () => {
  const { code, stdout, stderr } = await farmprobe('chekc')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain("unknown command 'chekc'")
  expect(stderr).toContain('Did you mean check?')
})

test.concurrent('an option that is no number says what would be right', async () => {
  const { code, stderr } = await farmprobe('demo', '--seed', 'x')
  expect(code).toBe(2)
  expect(stderr).toContain('Give a whole number, such as 1.')
})

test.concurrent.for([
  [['demo', '--port', '99999'], 'Give a port from 0 to 65535.'],
  [['healthy', '--url', 'localhost:9502'], 'Give a URL that begins with http:// or https://, such as'],
  [
    ['healthy', '--url', 'http://127.0.0.1:99999/'],
    'Give a URL that begins with http:// or https://, such as',
  ],
] as const)('%j says what would be right', async ([args, right]) => {
  const { code, stdout, stderr } = await farmprobe(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(right)
})

test.concurrent('check prints ten mistakes as ten lines, each with its place, and fails with 2', async () => {
  await using dir = await tempDir()
  const file = await dir.write('bad.yaml', tenMistakes)
  const { code, stdout, stderr } = await farmprobe('check', file)
  expect(code).toBe(2)
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(10)
  for (const line of lines) expect(line).toMatch(/bad\.yaml:\d+:\d+: \S/)
  expect(stderr).toContain('10 problems')
})

const tenMistakes = `
web: { listen: nowhere }
defaults: { interval: 5 parsecs }
farms:
  - name: intranet
    url: ftp://intranet.example.org
    nods: []
    nodes:
      - { name: web01, address: "10.0.0.11:99999" }
      - { name: web02, address: 10.0.0.12 }
      - { name: web02, address: 10.0.0.13 }
    checks:
      - name: home
        path: home
        timeout: -1s
        expect: { status: [599-200], body: { match: ["("] } }
`

test.concurrent('check accepts both shipped configurations and sums them up', async () => {
  for (const name of ['farmprobe', 'minimal']) {
    const { code, stdout } = await farmprobe(
      'check',
      fileURLToPath(new URL(`../../config/${name}.yaml`, import.meta.url)),
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok: .*: \d farms?, .* probes\/s, .* series$/m)
  }
})

test.concurrent('run on a bad configuration prints the problems and fails with 2', async () => {
  await using dir = await tempDir()
  const file = await dir.write('bad.yaml', 'farms: 7\n')
  const { code, stdout, stderr } = await farmprobe('run', '-c', file)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/bad\.yaml:1:8: farms: /)
})

test.concurrent('demo --for stops by itself, and sums up both sides', async () => {
  const { code, stdout } = await farmprobe('demo', '--port', '0', '--for', '1s')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^what the simulated farm did: /m)
  expect(stdout).toMatch(/^what farmprobe saw: /m)
  expect(stdout).not.toContain('\u001b')
})

test.concurrent('demo shows what led to a 502 and what farmprobe saw of it', {
  timeout: 60_000,
}, async () => {
  const args = [main, 'demo', '--seed', '1', '--port', '0']
  await using demo = await startProcess({ command: process.execPath, args })
  const done = await demo.line(/^\S+ {2}farm .*502 from the balancer/, 50_000)
  expect(done).toContain('because of web')
  const seen = await demo.line(/^\S+ {2}farmprobe .*requests to demo .*\d × 502/i, 50_000)
  expect(seen).toMatch(/(: |because )web\d\d /)
})

test.concurrent('run and demo on a port that is taken say so, and what to do, and fail with 2', async () => {
  await using taken = await startRawServer((socket) => socket.end())
  await using dir = await tempDir()
  const file = await dir.write(
    'farm.yaml',
    `{ web: { listen: "127.0.0.1:${taken.port}" }, farms: [{ name: a, url: "http://127.0.0.1:9" }] }`,
  )
  const results = await Promise.all([
    farmprobe('run', '-c', file),
    farmprobe('demo', '--port', String(taken.port)),
  ])
  for (const { code, stderr } of results) {
    expect(code).toBe(2)
    expect(stderr).toBe(
      `cannot listen on 127.0.0.1:${taken.port} (web.listen): another process listens there; stop it or choose another port\n`,
    )
  }
})
