import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseFileSd } from '../../src/discovery/file_sd.ts'
import { firstWrong, mutated, mutatedTree, runs } from '../support/files/mutations.ts'

const site = { scheme: 'https', hostname: 'intranet.example.org', port: 8443 } as const

const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((ip) => `[${ip}]`),
  fc.constantFrom('web01', 'web-02.example.org', 'a.b'),
)
const address = fc.tuple(host, fc.option(fc.integer({ min: 1, max: 65_535 })))
const label = fc.string({ unit: 'grapheme-ascii', maxLength: 12 })
const group = fc.record(
  {
    targets: fc.array(
      address.map(([name, port]) => (port === null ? name : `${name}:${port}`)),
      { maxLength: 4 },
    ),
    labels: fc.dictionary(fc.stringMatching(/^__meta_[a-z]{1,5}$/), label, { maxKeys: 3 }),
  },
  { requiredKeys: ['targets'] },
)
const groups = fc.array(group, { maxLength: 5 })

/** What is wrong with an answer, which is either nodes that can be probed, or problems that say where. */
function wrongsOf(text: string): string[] {
  const result = parseFileSd(text, 'n.yaml', { site, maxNodes: 1000 })
  if ('problems' in result)
    return result.problems
      .filter(({ line, column, message }) => line < 1 || column < 1 || message === '')
      .map((problem) => JSON.stringify(problem))
  return result.candidates
    .filter(({ name, host, port }) => name === '' || /^$|\s|[/@]/.test(host) || port < 1 || port > 65_535)
    .map((candidate) => JSON.stringify(candidate))
}

function wrongsOfTree(tree: unknown): string[] {
  const json = JSON.stringify(tree)
  return [json, stringify(JSON.parse(json))].flatMap(wrongsOf)
}

describe('a file of targets', () => {
  test('means the same in JSON and in YAML, and every target in it is a node', () => {
    const same = fc.property(groups, (tree) => {
      const json = parseFileSd(JSON.stringify(tree), 'n.yaml', { site, maxNodes: 1000 })
      expect(parseFileSd(stringify(tree), 'n.yaml', { site, maxNodes: 1000 })).toEqual(json)
      expect(json).toMatchObject({ candidates: tree.flatMap(({ targets }) => targets.map(() => ({}))) })
    })
    fc.assert(same, { numRuns: runs(200, 20_000) })
  })

  const tokens = [
    '[',
    ']',
    '{',
    '}',
    '"',
    ',',
    ':',
    '- ',
    '\n',
    '&a',
    '*a',
    '#',
    '\\u0000',
    'null',
    '[]',
    '{}',
  ]

  test('that was cut, doubled or overwritten is read, or refused with the places', async () => {
    const texts = groups.chain((tree) =>
      fc.constantFrom(JSON.stringify(tree), JSON.stringify(tree, null, 2), stringify(tree)),
    )
    const torn = texts.chain((text) => mutated(text, tokens))
    expect(await firstWrong(torn, wrongsOf, runs(500, 50_000))).toBeUndefined()
  }, 600_000)

  test('with any value replaced by any other is read, or refused with the places', async () => {
    const trees = groups.chain((tree) => mutatedTree(tree, fc.anything({ maxDepth: 2 })))
    expect(await firstWrong(trees, wrongsOfTree, runs(300, 50_000))).toBeUndefined()
  }, 600_000)
})
