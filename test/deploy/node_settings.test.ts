/** Node runs farmprobe with the same settings however it is started: as a command, by npm, or in the image. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryVariable, nodeSettings } from '../support/processes/node_settings.ts'
import { tempDir } from '../support/temp_dir.ts'

test('npm start', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  expect(scripts['start']).toBe('node bin/farmprobe.js demo')
})

test('the command of a package, which the env of Alpine can start too', async () => {
  await using dir = await tempDir()
  const [bin, dist] = [join(dir.path, 'bin'), join(dir.path, 'dist')]
  for (const folder of [bin, dist]) await mkdir(folder)
  await dir.write('package.json', '{"type":"module"}')
  await dir.write(
    'dist/farmprobe.js',
    `const [name] = ${JSON.stringify(memoryVariable.split('='))}
console.log(process.pid, \`\${name}=\${process.env[name]}\`, ...process.execArgv, ...process.argv.slice(2))`,
  )
  await copyFile('bin/farmprobe.js', join(bin, 'farmprobe.js'))
  expect(await readFile(join(bin, 'farmprobe.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  const { pid, stdout } = spawnSync(join(bin, 'farmprobe.js'), ['run', '-c', 'a b.yaml'], {
    encoding: 'utf8',
  })
  expect(stdout).toBe(`${[pid, memoryVariable, ...nodeSettings].join(' ')} run -c a b.yaml\n`)
})

test('the command says which Node it needs, to one that is older', () => {
  const older =
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })'
  const args = [
    '--import',
    `data:text/javascript,${encodeURIComponent(older)}`,
    'bin/farmprobe.js',
    '--version',
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^farmprobe needs Node 24 or later, and this is Node 20\.20\.2; .*\n$/)
})

test.each([
  ['Linux', 'deploy/linux/farmprobe'],
  ['Windows', 'deploy/windows/farmprobe.cmd'],
])('the command of the archive for %s', (_system, file) => {
  expect(readFileSync(file, 'utf8')).toContain(` ${nodeSettings.join(' ')} "`)
})

test('the service of Windows', () => {
  const service = readFileSync('deploy/windows/farmprobe-service.xml', 'utf8')
  expect(service).toContain(`<arguments>${nodeSettings.join(' ')} "`)
})

test('the image, and what is compiled for it', () => {
  const commands = readFileSync('Dockerfile', 'utf8').matchAll(/^(RUN|ENTRYPOINT) (\["node", "--.+\])$/gm)
  const started = Array.from(commands, ([, verb, words]) => {
    const [, ...args] = JSON.parse(words as string) as string[]
    return [verb, args.slice(0, args.indexOf('dist/farmprobe.js'))]
  })
  expect(started).toEqual(['RUN', 'RUN', 'ENTRYPOINT'].map((verb) => [verb, nodeSettings]))
})

test.each(['Dockerfile', 'deploy/linux/farmprobe'])(
  '%s sets for the C library what the command sets',
  (file) => {
    expect(readFileSync(file, 'utf8')).toMatch(
      new RegExp(`^(ENV NODE_ENV=.*|export) ${memoryVariable}$`, 'm'),
    )
  },
)
