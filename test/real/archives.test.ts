/** The archives, with a small program in Node's place that is quicker to pack and starts the Node of the test. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archive, type Parts, type Platform } from '../../tools/archives.ts'
import { main } from '../support/processes/node_settings.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

let dir: TempDir
let parts: Parts

beforeAll(async () => {
  dir = await tempDir()
  const node = await dir.write('node', `#!/bin/sh\nexec '${process.execPath}' "$@"\n`)
  const winsw = await dir.write('winsw.exe', 'the wrapper')
  parts = { dist: dirname(main), node, winsw, epoch: 1_700_000_000 }
})
afterAll(() => dir[Symbol.asyncDispose]())

const run = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' })

async function archived(platform: Platform): Promise<{ file: string; folder: string; inside: string }> {
  const folder = await mkdtemp(join(dir.path, platform))
  return { file: await archive(platform, parts, folder), folder, inside: join(folder, 'farmprobe') }
}

suiteWith(
  'tar',
  'zip',
  'unzip',
  'systemd-analyze',
)('an archive', () => {
  test('for Linux: belongs to root, and starts with its own Node wherever it is unpacked, by a link too', async () => {
    const { file, folder, inside } = await archived('linux-x64')
    expect(run('tar', '-tvzf', file)).toMatch(
      /^-rwxr-xr-x 0\/0 +\d+ 2023-11-14 .*farmprobe\/bin\/farmprobe$/m,
    )
    run('tar', '-xzf', file, '-C', folder)
    await symlink(join(inside, 'bin/farmprobe'), join(folder, 'link'))
    const said = run(join(folder, 'link'), 'demo', '--for', '2s', '--port', '0')
    expect(said).toMatch(/what the simulated farm did/)
  })

  test('for Linux: the unit is one that systemd takes, and is well closed', async () => {
    const { file, folder, inside } = await archived('linux-x64')
    run('tar', '-xzf', file, '-C', folder)
    const unit = await readFile(join(inside, 'farmprobe.service'), 'utf8')
    const here = await dir.write('farmprobe.service', unit.replaceAll('/opt/farmprobe', inside))
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', here], { encoding: 'utf8' })
    expect(verified).toMatchObject({ status: 0, stderr: '' })
    // In tenths: systemd 252 calls it 1.2, later ones know more to close. What is left is the network, which a prober needs.
    run('systemd-analyze', 'security', '--offline=true', '--threshold=20', here)
  })

  test('for Windows: has Node, the service and a command with the line ends that its interpreter wants', async () => {
    const { file, folder, inside } = await archived('win-x64')
    run('unzip', '-q', file, '-d', folder)
    expect((await readdir(inside)).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'bin',
      'config',
      'dashboards',
      'dist',
      'farmprobe-service.exe',
      'farmprobe-service.xml',
      'farmprobe.cmd',
      'install.ps1',
      'windows.md',
    ])
    expect(await readdir(join(inside, 'bin'))).toEqual(['node.exe'])
    expect(await readFile(join(inside, 'farmprobe.cmd'), 'utf8')).toMatch(/^(?:[^\r\n]+\r\n){3}$/)
  })

  test.each<Platform>(['linux-x64', 'win-x64'])(
    'for %s: the same parts give the same bytes',
    async (platform) => {
      const [one, other] = [await archived(platform), await archived(platform)]
      expect(await readFile(one.file)).toEqual(await readFile(other.file))
    },
  )

  test('the bill of materials lists what the licences list', async () => {
    const bill = JSON.parse(await readFile(join(parts.dist, 'sbom.cdx.json'), 'utf8')) as {
      components: readonly { name: string; version: string; purl: string }[]
    }
    const named = (await readFile(join(parts.dist, 'LICENSES.txt'), 'utf8')).matchAll(/^(\S+) ([\d.]+) \(/gm)
    expect(bill.components.map(({ name, version }) => `${name} ${version}`)).toEqual(
      Array.from(named, ([, name, version]) => `${name} ${version}`),
    )
    expect(bill.components.map(({ purl }) => purl)).toContain('pkg:npm/%40marcbachmann/cel-js@8.0.0')
  })
})
