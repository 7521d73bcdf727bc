import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { likeGo, readTree } from '../../../src/config/yaml/tree.ts'

const problemsOf = (text: string, mostValues: number) =>
  readTree(text, 'f', undefined, { ...likeGo, mostValues }).problems.map(({ message }) => message)

/** Values in a tree, itself included. */
const valuesIn = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce((sum: number, each) => sum + valuesIn(each), 1)
    : 1

const written = (value: unknown) => [
  JSON.stringify(value),
  stringify(value),
  stringify(value, { blockQuote: 'literal' }),
]

test('a text may have exactly as many values as are allowed, however it is written', () => {
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('text'), tie('list'), tie('mapping')),
    text: fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'-:[]{}*&"\' #|a\n'.split('')) })),
    list: fc.array(tie('value'), { maxLength: 4 }),
    mapping: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('value'), { maxKeys: 4 }),
  })).value
  fc.assert(
    // Alone in a file, a text such as ' \n-' is written by the library as it cannot read it.
    fc.property(
      tree.map((value) => [value]),
      (value) => {
        const values = valuesIn(value)
        for (const text of written(value)) {
          expect(problemsOf(text, values)).toEqual([])
          expect(problemsOf(text, values - 1)).toEqual([`more than ${values - 1} values; write fewer`])
        }
      },
    ),
  )
})

test.for([
  ['scalars', '[a,'],
  ['texts', '["- a",'],
  ['empty items', '-\n'],
  ['empty pairs', '? a\n: \n'],
  ['brackets', '[[],'],
] as const)('%s without end are refused before the parser sees them', ([, piece]) => {
  // The parser would complain about the text.
  expect(problemsOf(`${piece.repeat(1000)}\n@`, 900)).toEqual(['more than 900 values; write fewer'])
})
