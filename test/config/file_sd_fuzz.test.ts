import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseFileSd } from '../../src/config/file_sd.ts'
import { mutated, mutatedTree, runs } from '../support/mutations.ts'

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

/** Candidates that can be probed, or problems that say where: nothing else, and never an exception. */
function expectAnswer(text: string): void {
  const result = parseFileSd(text, 'n.yaml', { site })
  if ('problems' in result) {
    expect(result.problems.length).toBeGreaterThan(0)
    for (const { line, column, message } of result.problems) {
      expect(line).toBeGreaterThanOrEqual(1)
      expect(column).toBeGreaterThanOrEqual(1)
      expect(message).not.toBe('')
    }
    return
  }
  for (const { name, scheme, host, port } of result.candidates) {
    expect(name).not.toBe('')
    expect(host).not.toMatch(/^$|\s|[/@]/)
    expect(['http', 'https']).toContain(scheme)
    expect(port).toBeGreaterThanOrEqual(1)
    expect(port).toBeLessThanOrEqual(65_535)
  }
}

describe('a file of targets', () => {
  test('says the same in JSON and in YAML, and every target of it is a node', () => {
    const same = fc.property(groups, (tree) => {
      const json = parseFileSd(JSON.stringify(tree), 'n.yaml', { site })
      expect(parseFileSd(stringify(tree), 'n.yaml', { site })).toEqual(json)
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

  test('that was torn, doubled or scribbled in is understood or refused with the places', () => {
    const texts = groups.chain((tree) =>
      fc.constantFrom(JSON.stringify(tree), JSON.stringify(tree, null, 2), stringify(tree)),
    )
    const answered = fc.property(
      texts.chain((text) => mutated(text, tokens)),
      expectAnswer,
    )
    fc.assert(answered, { numRuns: runs(500, 50_000) })
  }, 600_000)

  test('with anything in the place of anything is understood or refused with the places', () => {
    const texts = groups.chain((tree) => mutatedTree(tree, fc.anything({ maxDepth: 2 })))
    const answered = fc.property(texts, (tree) => {
      expectAnswer(JSON.stringify(tree) ?? '')
      expectAnswer(stringify(JSON.parse(JSON.stringify(tree ?? null))))
    })
    fc.assert(answered, { numRuns: runs(300, 50_000) })
  }, 600_000)
})
