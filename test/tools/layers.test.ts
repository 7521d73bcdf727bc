import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../support/temp_dir.ts'

const root = new URL('../../', import.meta.url).pathname

/** An import that the layer of each folder must refuse; oxlint takes an expression that it cannot read for none. */
const forbidden: Readonly<Record<string, string>> = {
  addresses: '../config/planted.ts',
  blackbox: '../schedule/planted.ts',
  config: '../probe/planted.ts',
  crosscheck: '../metrics/planted.ts',
  detect: '../runtime/clock.ts',
  discovery: '../probe/planted.ts',
  history: '../journal/planted.ts',
  iis: '../config/planted.ts',
  journal: '../web/planted.ts',
  metrics: '../journal/planted.ts',
  model: 'node:fs',
  origins: '../probe/planted.ts',
  probe: '../schedule/planted.ts',
  report: '../web/planted.ts',
  runtime: '../model/planted.ts',
  schedule: '../probe/planted.ts',
  secrets: 'zod',
  service: '../cli/planted.ts',
  simulator: '../probe/planted.ts',
  web: '../journal/planted.ts',
}

test('an import against the layers fails the lint, in every folder of src but cli and in their sub-folders', async () => {
  const folders = (await readdir(join(root, 'src'), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )
  expect(Object.keys(forbidden).toSorted()).toEqual(
    folders
      .map(({ name }) => name)
      .filter((name) => name !== 'cli')
      .toSorted(),
  )
  await using temp = await tempDir()
  const dir = temp.path
  await copyFile(join(root, '.oxlintrc.json'), join(dir, '.oxlintrc.json'))
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  const planted: string[] = []
  for (const [folder, specifier] of Object.entries(forbidden))
    for (const [place, from] of [
      [`src/${folder}`, specifier],
      [`src/${folder}/inner`, specifier.startsWith('.') ? `../${specifier}` : specifier],
    ] as const) {
      await mkdir(join(dir, place), { recursive: true })
      await writeFile(join(dir, place, 'planted.ts'), `import { planted } from '${from}'\nplanted()\n`)
      planted.push(`${place}/planted.ts`)
    }
  const { stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format=unix', 'src'], {
    cwd: dir,
    encoding: 'utf8',
  })
  const refused = stdout.split('\n').filter((line) => line.includes('no-restricted-imports'))
  expect(refused.map((line) => line.replace(/:.*/, '')).toSorted()).toEqual(planted.toSorted())
})
