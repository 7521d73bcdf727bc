import { array, assert, integer, nat, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joined, pairUp, type Window } from '../../../../proof/truth/scores/windows.ts'

const window = tuple(integer({ min: 0, max: 100 }), integer({ min: 0, max: 20 })).map(
  ([fromMs, length]): Window => ({ fromMs, toMs: fromMs + length }),
)

describe('pairing what was reported with what happened', () => {
  it('gives a moment to the window that would lose it first', () => {
    const windows = [
      { fromMs: 0, toMs: 100 },
      { fromMs: 0, toMs: 10 },
    ]
    expect(pairUp(windows, [5, 50])).toEqual([1, 0])
  })

  it('gives a second telling to nobody', () => {
    expect(pairUp([{ fromMs: 0, toMs: 10 }], [3, 4])).toEqual([0])
  })

  it('pairs nothing outside its window', () => {
    expect(pairUp([{ fromMs: 0, toMs: 10 }], [11])).toEqual([undefined])
  })

  it('finds as many pairs as can be', () => {
    assert(
      property(array(window, { maxLength: 5 }), array(nat(120), { maxLength: 5 }), (windows, moments) => {
        const pairs = pairUp(windows, moments).filter((moment) => moment !== undefined)
        expect(new Set(pairs).size).toBe(pairs.length)
        expect(pairs.length).toBe(mostPairs(windows, moments))
      }),
    )
  })

  it('joins spans that overlap or touch', () => {
    const spans = [
      { fromMs: 20, toMs: 30 },
      { fromMs: 0, toMs: 10 },
      { fromMs: 10, toMs: 15 },
    ]
    expect(joined(spans)).toEqual([
      { fromMs: 0, toMs: 15 },
      { fromMs: 20, toMs: 30 },
    ])
  })
})

/** By trying them all. */
function mostPairs([window, ...others]: readonly Window[], moments: readonly number[]): number {
  if (window === undefined) return 0
  const without = mostPairs(others, moments)
  const fitting = [...moments.keys()].filter((index) => {
    const atMs = moments[index] as number
    return atMs >= window.fromMs && atMs <= window.toMs
  })
  return Math.max(without, ...fitting.map((index) => 1 + mostPairs(others, moments.toSpliced(index, 1))))
}
