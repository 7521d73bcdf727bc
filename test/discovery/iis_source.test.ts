import { rename, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load_config.ts'
import { discovering, discoveringFarm } from '../support/files/discovering.ts'
import { fixture, planted } from '../support/files/iis_files.ts'
import { tempDir } from '../support/temp_dir.ts'

const text = fixture('balancer')
const four = [
  '10.0.0.11 http://10.0.0.11:8080',
  '10.0.0.12 http://10.0.0.12:8080',
  'web03.example.org http://web03.example.org:8080',
  '10.0.0.14 http://10.0.0.14:8080',
]

test('servers of a web farm that are added, drained and removed come and go', async () => {
  await using dir = await tempDir()
  const file = await dir.write('applicationHost.config', text)
  const iis = { file, webFarm: 'INTRANET' }
  await using found = discovering([discoveringFarm({ iis })])
  expect(await found.next()).toEqual(four)

  // As IIS does it: a new file takes the place of the old one.
  const replace = async (change: [string, string]) =>
    rename(await dir.write('new', planted(text, change)), file)
  await replace(['address="10.0.0.15" enabled="false"', 'address="10.0.0.15"'])
  expect(await found.next()).toEqual([...four, '10.0.0.15 http://10.0.0.15:80'])

  await replace(['<server address="10.0.0.12">', '<server address="10.0.0.12" enabled="False">'])
  expect(await found.next()).toEqual(four.filter((node) => !node.startsWith('10.0.0.12')))
  expect([found.problems, found.failures]).toEqual([[], []])
})

test('a file that breaks keeps the nodes, is counted and reported with its place; once repaired it is followed again', async () => {
  await using dir = await tempDir()
  const file = await dir.write('applicationHost.config', text)
  await using found = discovering([discoveringFarm({ iis: { file, webFarm: 'shop', scheme: 'http' } })])
  expect((await found.next())[0]).toBe('10.0.1.11 http://10.0.1.11:443')
  await writeFile(file, text.slice(0, 3000))
  await expect.poll(() => found.problems.length).toBe(1)
  expect(found.problems[0]).toMatch(
    /applicationHost\.config:\d+:\d+: not well-formed XML: the file ends .*; keeping the last 4 nodes it gave$/,
  )
  expect(found.failures).toEqual(['intranet iis'])
  await writeFile(file, planted(text, ['<server address="10.0.1.14" />', '']))
  expect(await found.next()).toHaveLength(3)
})

test('a web farm that the file does not have is reported with those it has', async () => {
  await using dir = await tempDir()
  const file = await dir.write('applicationHost.config', text)
  await using found = discovering([discoveringFarm({ iis: { file, webFarm: 'extranet' } })])
  expect(await found.next()).toEqual([])
  expect(found.problems).toEqual([
    `${file}: no web farm is named "extranet"; it has intranet, shop; it gives no nodes`,
  ])
})

test('the path starts at the configuration file', async () => {
  await using dir = await tempDir()
  const file = await dir.write(
    'farm.yaml',
    'farms: [{ name: a, url: "https://a.example", discover: { iis: { path: host.config, farm: shop, scheme: https } } }]',
  )
  const loaded = await loadConfig(file, {})
  expect(loaded.ok && loaded.config.farms[0]?.discover).toMatchObject({
    iis: { file: `${dir.path}/host.config`, webFarm: 'shop', scheme: 'https' },
  })
})
