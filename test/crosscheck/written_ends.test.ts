import { describe, expect, test } from 'vitest'
import { createWrittenEnds, isNamed, type WrittenEnd } from '../../src/crosscheck/written_ends.ts'

const end = (atS: number, different: Partial<WrittenEnd> = {}): WrittenEnd => ({
  atMs: atS * 1000,
  id: 5074,
  reason: 'schedule',
  what: 'recycled after its regular time',
  pool: 'Shop',
  process: '4711',
  ...different,
})

/** What is new of each report, in seconds by our clock. */
function taken(reports: readonly (readonly WrittenEnd[])[], { sinceS = 0, skewS = 0 } = {}) {
  const fresh = createWrittenEnds(sinceS * 1000)
  const covered = { fromMs: 0, toMs: 0 }
  return reports.map((ends) =>
    fresh(['shop'], { computer: 'WEB01', ends, covered, skewMs: skewS * 1000 }).map(
      ({ atMs }) => atMs / 1000,
    ),
  )
}

describe('an event of WAS', () => {
  test('counts once, however often reports repeat it', () => {
    const [a, b] = [end(100), end(5000, { process: '4712' })]
    expect(taken([[a], [a, b], [b, a, b]])).toEqual([[100], [5000], []])
  })

  test('of another worker in the same moment counts too', () => {
    expect(taken([[end(100), end(100, { process: '4712' })]])).toEqual([[100, 100]])
  })

  test('that follows the end of the same worker is no other end, in this report or the next', () => {
    const killed = end(190, { id: 5013, reason: 'crash' })
    expect(taken([[end(100), killed]])).toEqual([[100]])
    expect(taken([[end(100)], [end(100), killed]])).toEqual([[100], []])
    const again = end(9000, { id: 5009, reason: 'crash' })
    expect(taken([[end(100)], [again]])).toEqual([[100], [9000]])
  })

  test('without a process is an end of its own', () => {
    const change = { id: 5080, process: '' }
    expect(taken([[end(100, change), end(101, change)]])).toEqual([[100, 101]])
  })

  test('of another pool, or of before farmprobe began, is left out', () => {
    expect(
      taken([[end(100, { pool: 'api' }), end(99), end(101, { process: '1' })]], { sinceS: 100 }),
    ).toEqual([[101]])
  })

  test('counts once in a log of any length that is read again and again, and news in it count', () => {
    const ends = Array.from({ length: 10_000 }, (_, n) => end(1000 + n, { process: `${n}` }))
    const more = end(11_000, { process: 'new' })
    const counts = taken([ends, ends, [...ends, more], ends, [more]]).map(({ length }) => length)
    expect(counts).toEqual([10_000, 0, 1, 0, 0])
  })

  test('has the time of our clock, by which it is told apart no more', () => {
    expect(taken([[end(400)]], { skewS: 300 })).toEqual([[100]])
  })
})

test.each([
  ['WEB01', 'web01', true],
  ['WEB01.corp.example.org', 'web01', true],
  ['WEB01', 'web01.corp.example.org', true],
  ['WEB01.corp.example.org', 'web01.dmz.example.org', false],
  ['WEB01', 'web011', false],
  ['10.0.0.11', '10.0.0.12', false],
  ['10', '10.0.0.12', false],
])('%s is the computer of a node %s: %s', (computer, name, is) => {
  expect(isNamed(computer, ['other', name])).toBe(is)
})
