import { describe, expect, test } from 'vitest'
import { brokenLinks, documents, missingPaths, textOf } from './documents.ts'

describe('every document', () => {
  test('is found', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'docs/how-it-works.md', 'docs/runbooks/FarmprobeBlind.md']),
    )
  })

  test.each(documents)('%s has no link within the repository that leads nowhere', (path) => {
    expect(brokenLinks(path)).toEqual([])
  })

  const present = documents.filter((path) => path !== 'CHANGELOG.md' && !path.startsWith('proof/'))
  test.each(present)('%s names only paths that are in the tree', (path) => {
    expect(missingPaths(path)).toEqual([])
  })
})

test('the README has at most 150 lines', () => {
  expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150)
})

test('the README links to every page of docs', () => {
  const pages = documents.filter((path) => /^docs\/[^/]+$/.test(path))
  expect(pages.filter((page) => !textOf('README.md').includes(`(${page})`))).toEqual([])
})
