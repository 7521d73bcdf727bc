import { describe, expect, test } from 'vitest'
import { wordsOfVerdict } from '../../../../src/web/page/words/verdict_words.ts'

const counts = { nodes: 3, failing: 1, isAnswering: true, isLocked: false }

describe('the state of a farm in words', () => {
  test.each([
    ['ok', 'All is well', 'Was well'],
    [
      'masked',
      'Users notice nothing, but 1 of 3 nodes fails',
      'Users noticed nothing, but 1 of 3 nodes failed',
    ],
    ['node_fault', 'Users get errors: 1 of 3 nodes fails', 'Users got errors: 1 of 3 nodes failed'],
    ['balancer_fault', 'Users get errors: the balancer fails', 'Users got errors: the balancer failed'],
    [null, 'Not known yet', 'Was not known yet'],
  ] as const)('%s', (verdict, present, past) => {
    expect([wordsOfVerdict(verdict, counts, false), wordsOfVerdict(verdict, counts, true)]).toEqual([
      present,
      past,
    ])
  })

  test('nothing answers only where nothing does: a wrong answer is one', () => {
    expect(wordsOfVerdict('farm_down', { ...counts, isAnswering: false }, false)).toBe('Nothing answers')
    expect(wordsOfVerdict('farm_down', counts, false)).toBe('Users get errors: every target fails')
  })

  test('what is not known is so for a reason', () => {
    expect(wordsOfVerdict('unknown', counts, false)).toBe('Not known: the probes prove nothing')
    expect(wordsOfVerdict('unknown', { ...counts, isLocked: true }, false)).toBe(
      'Not known: other credentials are asked for',
    )
  })

  test('two nodes fail, one fails', () => {
    expect(wordsOfVerdict('node_fault', { ...counts, failing: 2 }, false)).toBe(
      'Users get errors: 2 of 3 nodes fail',
    )
  })
})
