import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load_config.ts'
import { identityFile } from './identity_files.ts'

const guide = readFileSync(fileURLToPath(new URL('../../docs/identity.md', import.meta.url)), 'utf8')

/** The code blocks of a language, without the indentation of lists. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)\\n *\`\`\`$`, 'gm'))].map(
    ([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )

test('farmprobe accepts every configuration in docs/identity.md', async () => {
  const texts = blocks('yaml')
  expect(texts.length).toBeGreaterThan(2)
  for (const text of texts) {
    const result = await parseConfig(text, 'farmprobe.yaml', {}, () =>
      Promise.resolve({ why: 'there is no such file' }),
    )
    expect({ text, result }).toMatchObject({ result: { ok: true } })
  }
})

test('the sample web.config has every setting of IIS in docs/identity.md', () => {
  const copied = readFileSync(identityFile('iis/web.config'), 'utf8').replaceAll(/\s+/g, ' ')
  const settings = blocks('xml').flatMap((text) => text.match(/<(add|ipSecurity|location) [^>]+>/g) ?? [])
  expect(settings.length).toBeGreaterThan(3)
  for (const setting of settings) expect(copied).toContain(setting)
})

test('every file that docs/identity.md links to exists', () => {
  const links = [...guide.matchAll(/\]\(\.\.\/(contrib[^)]*)\)/g)].map(([, path]) => path ?? '')
  expect(links.length).toBeGreaterThan(6)
  const missing = links.filter(
    (path) => !existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url))),
  )
  expect(missing).toEqual([])
})
