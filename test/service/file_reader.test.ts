import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '../../src/runtime/clock.ts'
import { createFileReader } from '../../src/service/file_reader.ts'
import { load } from '../../src/service/load_configuration.ts'
import { tempDir } from '../support/temp_dir.ts'

const site = { scheme: 'http', hostname: 'a.example', port: 80 } as const
const manyFarms = Array.from({ length: 400 }, (_, index) => ({
  name: `farm${index}`,
  url: `http://farm${index}.example.org`,
  checks: [{ name: 'home', expect: { body: { match: ['^Welcome$'] } }, auth: { bearer: '${TOKEN}' } }],
}))

/** Counts how often this thread comes to other work meanwhile. */
async function countingTurns<T>(work: Promise<T>): Promise<{ result: T; turns: number }> {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const result = await work.finally(() => clearInterval(timer))
  return { result, turns }
}

test('a large configuration comes to the same as if it were read here, and this thread goes on meanwhile', async () => {
  await using dir = await tempDir()
  await using files = createFileReader(systemClock)
  const file = await dir.write('many.yaml', stringify({ farms: manyFarms }))
  const env = { TOKEN: 'secret-token' }
  const { result, turns } = await countingTurns(files.load(file, env))
  expect(result).toEqual(await load(file, env))
  expect(result).toMatchObject({ ok: true })
  expect(turns).toBeGreaterThan(20)
})

test('the problems of a large configuration come with their places', async () => {
  await using dir = await tempDir()
  await using files = createFileReader(systemClock)
  const file = await dir.write('many.yaml', `${stringify({ farms: manyFarms })}\nfarm: 1\n`)
  const result = await files.load(file, { TOKEN: 'x' })
  expect(result).toEqual(await load(file, { TOKEN: 'x' }))
  expect(result).toMatchObject({ ok: false, problems: [{ path: 'farm' }] })
})

test('large files of targets and of IIS are read apart, small ones here, all to the same end', async () => {
  await using dir = await tempDir()
  await using files = createFileReader(systemClock)
  for (const count of [3, 3000]) {
    const hosts = Array.from({ length: count }, (_, index) => `web${index}`)
    const targets = await dir.write('nodes.json', JSON.stringify([{ targets: hosts }]))
    const source = { folder: dir.path, pattern: '*', site, maxNodes: 3000 }
    const found = await files.readTargets(targets, source)
    expect('candidates' in found && found.candidates.map(({ name }) => name)).toEqual(hosts)
    const servers = hosts.map((host) => `<server address="${host}" enabled="true" />`).join('\n')
    const iis = await dir.write(
      'applicationHost.config',
      `<configuration><webFarms><webFarm name="shop" enabled="true">${servers}</webFarm></webFarms></configuration>`,
    )
    const farm = await files.readWebFarm(iis, 'shop')
    expect('candidates' in farm && farm.candidates.map(({ host }) => host)).toEqual(hosts)
  }
})

test('a large configuration may come from a pipe, which can be read only once', async () => {
  await using dir = await tempDir()
  await using files = createFileReader(systemClock)
  const pipe = join(dir.path, 'pipe')
  execFileSync('mkfifo', [pipe])
  const text = stringify({ farms: manyFarms })
  const [result] = await Promise.all([files.load(pipe, { TOKEN: 'x' }), writeFile(pipe, text)])
  expect(result).toMatchObject({ ok: true })
})

test('a reading that is cut off is a problem of the file', async () => {
  await using dir = await tempDir()
  const files = createFileReader(systemClock)
  const file = await dir.write('many.yaml', stringify({ farms: manyFarms }))
  const reading = files.load(file, {})
  await files[Symbol.asyncDispose]()
  expect(await reading).toMatchObject({ ok: false, problems: [{ file, message: /^cannot be read: / }] })
})
