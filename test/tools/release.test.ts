import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dated, naming, notesOf, renamed } from '../../tools/release.ts'

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [1.0.0] - 2026-01-01\n\nThe first.\n'

test('what is unreleased becomes a dated version, and its part the notes of the release', () => {
  const released = dated(changelog, '1.1.0', '2026-12-01')
  expect(released).toContain('## [Unreleased]\n\n## [1.1.0] - 2026-12-01\n\n### Added\n')
  expect(notesOf(released, '1.1.0')).toBe('### Added\n\n- A thing.')
  expect(notesOf(released, '1.0.0')).toBe('The first.')
  expect(() => dated('# Changelog\n', '1.1.0', '2026-12-01')).toThrow('Unreleased')
})

test('a version without a date, or without a part, is no release', () => {
  expect(() => notesOf(changelog, '1.1.0')).toThrow('no dated part for 1.1.0')
  expect(() => notesOf(changelog.replace(' - 2026-01-01', ''), '1.0.0')).toThrow('no dated part for 1.0.0')
})

test('each version of our own changelog but the one to come has its date', () => {
  const titles = readFileSync('CHANGELOG.md', 'utf8').match(/^## .*$/gm)
  expect(titles?.[0]).toBe('## [Unreleased]')
  for (const title of titles?.slice(1) ?? [])
    expect(title).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
})

test('a version is renamed where it is one', () => {
  const text = 'v0.1.0 farmprobe-0.1.0.tgz "0.1.0" 10.1.0.0 0.1.0.5 0.1.01'
  expect(renamed(text, '0.1.0', '1.2.3')).toBe('v1.2.3 farmprobe-1.2.3.tgz "1.2.3" 10.1.0.0 0.1.0.5 0.1.01')
})

test('a new version is named wherever this one is', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const isNamed = (text: string) => renamed(text, version, '9.9.9') !== text
  const files = globSync(['*.md', 'Dockerfile', 'compose.yaml', 'docs/**/*.md', 'deploy/**/*.*'])
  const found = files.filter((file) => file !== 'CHANGELOG.md' && isNamed(readFileSync(file, 'utf8')))
  expect(found.toSorted()).toEqual([...naming])
})
