import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load_config.ts'
import { blocksOf, documents } from './documents.ts'

const samples = documents.flatMap((path) =>
  blocksOf(path, 'yaml')
    .filter((text) => /^farms:/m.test(text))
    .map((text) => ({ path, text })),
)

test('there are sample configurations, one of them in the README', () => {
  expect(samples.length).toBeGreaterThan(2)
  expect(samples.map(({ path }) => path)).toContain('README.md')
})

test.each(samples)('farmprobe accepts the configuration in $path', async ({ path, text }) => {
  const result = await parseConfig(text, path, {}, () => Promise.resolve({ why: 'there is no such file' }))
  expect(result).toMatchObject({ ok: true })
})
