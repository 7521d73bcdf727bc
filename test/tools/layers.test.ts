import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
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
  notify: '../journal/planted.ts',
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
  await using project = await lintedProject()
  const planted: string[] = []
  for (const [folder, specifier] of Object.entries(forbidden))
    for (const [place, from] of [
      [`src/${folder}`, specifier],
      [`src/${folder}/inner`, specifier.startsWith('.') ? `../${specifier}` : specifier],
    ] as const) {
      await project.plant(`${place}/planted.ts`, `import { planted } from '${from}'\nplanted()\n`)
      planted.push(`${place}/planted.ts`)
    }
  expect(project.refusedBy('no-restricted-imports')).toEqual(planted.toSorted())
})

test('an import cycle fails the lint, through values and through types alone', async () => {
  await using project = await lintedProject()
  await project.plant('src/iis/one.ts', "import { two } from './two.ts'\nexport const one = () => two\n")
  await project.plant('src/iis/two.ts', "import { one } from './one.ts'\nexport const two = () => one\n")
  await project.plant(
    'src/web/left.ts',
    "import type { Right } from './inner/right.ts'\nexport type Left = Right | 1\n",
  )
  await project.plant(
    'src/web/inner/right.ts',
    "import type { Left } from '../left.ts'\nexport type Right = Left[]\n",
  )
  await project.plant('src/web/alone.ts', "import type { Left } from './left.ts'\nexport type Alone = Left\n")
  const inCycles = ['src/iis/one.ts', 'src/iis/two.ts', 'src/web/inner/right.ts', 'src/web/left.ts']
  expect(project.refusedBy('no-cycle')).toEqual(inCycles)
})

/** A project with our lint's configuration and nothing else yet. */
async function lintedProject() {
  const { path, ...temp } = await tempDir()
  await copyFile(join(root, '.oxlintrc.json'), join(path, '.oxlintrc.json'))
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'))
  return {
    async plant(file: string, text: string) {
      await mkdir(dirname(join(path, file)), { recursive: true })
      await writeFile(join(path, file), text)
    },
    /** The files that break a rule. */
    refusedBy(rule: string): string[] {
      const oxlint = join(root, 'node_modules/.bin/oxlint')
      const { stdout } = spawnSync(oxlint, ['--format=unix', 'src'], { cwd: path, encoding: 'utf8' })
      const lines = stdout.split('\n').filter((line) => line.includes(rule))
      return [...new Set(lines.map((line) => line.replace(/:.*/, '')))].toSorted()
    },
    [Symbol.asyncDispose]: temp[Symbol.asyncDispose],
  }
}
