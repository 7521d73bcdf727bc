import { execFile } from 'node:child_process'
import { cp, glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from '../../tools/build.ts'
import { nodeSettings } from '../support/processes/node_settings.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

const run = promisify(execFile)
let dir: TempDir

beforeAll(async () => {
  dir = await tempDir()
  await dir.write('package.json', '{"type":"module"}')
  await build(join(dir.path, 'dist'))
}, 60_000)
afterAll(() => dir[Symbol.asyncDispose]())

const start = (...args: string[]) => run(process.execPath, [...nodeSettings, ...args], { cwd: dir.path })

test.concurrent('what is built needs nothing beside it: the demo watches its farm, and serves its page', async () => {
  const { stdout } = await start('dist/farmprobe.js', 'demo', '--for', '3s', '--port', '0')
  expect(stdout).toMatch(/what the simulated farm did: .*1 recycle/)
  expect(await readFile(join(dir.path, 'dist/page/index.html'), 'utf8')).toContain('assets/page.css')
})

test('no import reads all of a module of Node, with what only some of it loads', async () => {
  const files = await Array.fromAsync(glob('dist/*.js', { cwd: dir.path }))
  const texts = await Promise.all(files.map((file) => readFile(join(dir.path, file), 'utf8')))
  const imported = texts.flatMap((text) => [...text.matchAll(/(?:^|;)import[^;"]*"(node:[\w/]+|\w+)"/gm)])
  expect(new Set(imported.map(([, id]) => id))).toEqual(new Set(['node:module']))
})

test.concurrent('a stack names the sources', async () => {
  // Started without what its thread is given, so that it fails.
  const { stderr } = (await start('dist/prober_entry.js').catch((error: unknown) => error)) as {
    stderr: string
  }
  expect(stderr).toMatch(/\/src\/service\/prober_entry\.ts:\d+:\d+/)
})

test.concurrent('a package of fewer than 100 files is installed and watches in two commands', async () => {
  const folders = ['bin', 'config', 'dashboards', 'package.json', 'README.md', 'LICENSE']
  for (const path of folders) await cp(path, join(dir.path, path), { recursive: true })
  const npm = (...args: string[]) => run('npm', [...args, '--ignore-scripts', '--offline'], { cwd: dir.path })
  const [packed] = JSON.parse((await npm('pack', '--json')).stdout) as [
    { filename: string; files: readonly { path: string }[] },
  ]
  expect(packed.files.length).toBeLessThan(100)

  await npm('install', '--global', '--prefix', 'installed', packed.filename)
  const { stdout } = await run(join(dir.path, 'installed/bin/farmprobe'), [
    'demo',
    '--for',
    '3s',
    '--port',
    '0',
  ])
  expect(stdout).toMatch(/what the simulated farm did: .*1 recycle/)
})

test('the licences of what is inside are with it', async () => {
  const text = await readFile(join(dir.path, 'dist/LICENSES.txt'), 'utf8')
  expect(text).toMatch(/^undici [\d.]+ \(MIT\)\n\nMIT License/m)
  expect(text).toMatch(/^preact [\d.]+ \(MIT\)$/m)
})
