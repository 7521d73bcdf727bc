import { expect, test } from 'vitest'
import { recycleEvidence, verdicts } from '../../src/model/event.ts'
import { causes } from '../../src/model/incident.ts'
import { lanes, reasons } from '../../src/model/outcome.ts'
import { textOf } from './documents.ts'

/** The words in the first column of the table under a heading. */
const explained = (heading: string): string[] => {
  const [, section = ''] = textOf('docs/glossary.md').split(`\n## ${heading}\n`)
  const [table = ''] = section.split('\n## ')
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, word = '']) => word)
}

test.each([
  ['Lanes', lanes],
  ['Reasons', reasons],
  ['Verdicts', verdicts],
  ['Causes', causes],
  ['Evidence of a recycle', recycleEvidence],
])('%s: every one is explained in the glossary, and no other', (heading, words) => {
  expect(explained(heading).toSorted()).toEqual(words.toSorted())
})

test('no word has two meanings in the glossary', () => {
  const words = [...textOf('docs/glossary.md').matchAll(/^\| ([a-z][a-z -]*) \| [A-Z]/gm)].map(
    ([, word]) => word,
  )
  expect(words.length).toBeGreaterThan(40)
  expect(words).toEqual([...new Set(words)])
})
