/** What differs on Windows, with its signals and its name for the platform given to the code that asks for them. */
import { EventEmitter } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namedFiles } from '../../src/cli/named_files.ts'
import { untilStopped } from '../../src/cli/process_edge.ts'
import { run } from '../../src/cli/run.ts'
import { loadConfig } from '../../src/config/load_config.ts'
import { readTextFile } from '../../src/config/yaml/text_file.ts'
import { readTargets } from '../../src/discovery/file_sd.ts'
import { createLog } from '../../src/runtime/log.ts'
import { eventually } from '../support/eventually.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { tempDir } from '../support/temp_dir.ts'

const edgeOn = (platform: NodeJS.Platform) => {
  const signals = new EventEmitter()
  const { edge, stderr } = capturedEdge()
  const log = createLog('info', 'text', edge.stderr)
  return { edge: { ...edge, signals, platform, log }, signals, stderr }
}

test.each([
  ['win32', ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']],
  ['linux', ['SIGINT', 'SIGTERM']],
] as const)('on %s, these ask a process to end: %s', async (platform, asking) => {
  for (const signal of asking) {
    const { edge, signals } = edgeOn(platform)
    const stopped = untilStopped(edge)
    expect(new Set(signals.eventNames())).toEqual(new Set(asking))
    signals.emit(signal)
    await stopped
    expect(signals.eventNames()).toEqual([])
  }
})

test('on Windows a saved configuration is taken, a bad one is refused, and Ctrl+C ends it after the probes in flight', async () => {
  const waiting: (() => void)[] = []
  let answered = 0
  await using node = createServer((_request, response) => {
    waiting.push(() => response.end('ok', () => answered++))
  }).listen(0, '127.0.0.1')
  await using dir = await tempDir()
  const { port } = node.address() as AddressInfo
  const save = (...farms: string[]) =>
    dir.write(
      'farm.yaml',
      JSON.stringify({
        web: { listen: '127.0.0.1:0' },
        journal: { path: join(dir.path, 'j.db') },
        farms: farms.map((name) => ({ name, url: `http://127.0.0.1:${port}` })),
      }),
    )
  const { edge, signals, stderr } = edgeOn('win32')
  const ended = run({ config: await save('one') }, edge)
  const logged = (what: RegExp) => eventually(`${what} in the log`, stderr, (text) => what.test(text))
  await logged(/farmprobe is running/)
  await save('one', 'two')
  await logged(/configuration reloaded.* farms=2/)
  await save()
  await logged(/not reloaded/)

  await eventually(
    'a probe',
    () => waiting.length,
    (count) => count > 0,
  )
  signals.emit('SIGINT')
  await logged(/stopping/)
  for (const answer of waiting) answer()
  expect(await ended).toBe(0)
  expect(answered).toBeGreaterThan(0)
}, 20_000)

test('on Windows, where shells leave them alone, patterns stand for the files that match', async () => {
  await using dir = await tempDir()
  const [one, other] = [await dir.write('u_ex2.log', ''), await dir.write('u_ex1.log', '')]
  const names = [join(dir.path, '*.log'), join(dir.path, '*.xml'), 'plain.log']
  expect(await namedFiles(names, 'win32')).toEqual([other, one, names[1], 'plain.log'])
  expect(await namedFiles(names, 'linux')).toEqual(names)
})

/** As Notepad saves a text, and as Windows PowerShell's redirection does. */
const encodings = [
  ['UTF-8 with a byte order mark', (text: string) => `\ufeff${text}`, 'utf8'],
  ['UTF-16', (text: string) => `\ufeff${text}`, 'utf16le'],
] as const

test.each(encodings)(
  'files in %s with CRLF line ends are read: configuration, farms, secrets, targets',
  async (_encoding, marked, encoding) => {
    await using dir = await tempDir()
    const write = (name: string, ...lines: string[]) =>
      writeFile(join(dir.path, name), marked(lines.map((line) => `${line}\r\n`).join('')), encoding)
    await write(
      'farmprobe.yaml',
      'include: more.yaml',
      'farms:',
      '  - name: intranet',
      '    url: https://intranet.example.org',
      '    checks:',
      '      - { name: home, auth: { basic: { username: prüfer, password_file: password } } }',
    )
    await write('more.yaml', '- name: shop', '  url: https://shop.example.org')
    await write('password', 'schlüssel')
    await write('nodes.yaml', '- targets: [10.0.0.11:80]', '  labels: { name: web01 }')

    const loaded = await loadConfig(join(dir.path, 'farmprobe.yaml'), {})
    expect(loaded).toMatchObject({
      ok: true,
      config: { farms: [{ farm: { name: 'intranet' } }, { farm: { name: 'shop' } }] },
    })
    expect(JSON.stringify(loaded)).toContain(Buffer.from('prüfer:schlüssel').toString('base64'))
    const source = {
      folder: dir.path,
      pattern: 'nodes.yaml',
      site: { scheme: 'http', hostname: 'a', port: 80 },
      maxNodes: 10,
    } as const
    expect(await readTargets(join(dir.path, 'nodes.yaml'), source, readTextFile)).toMatchObject({
      candidates: [{}],
    })
  },
)
