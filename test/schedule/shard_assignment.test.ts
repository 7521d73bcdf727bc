import { assert, integer, property, string, uniqueArray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ofShard, placeFarms } from '../../src/schedule/shard_assignment.ts'
import { configOf } from '../support/files/config_text.ts'

const namesOf = (count: number, name = (index: number) => `site${index}.example.org`) =>
  Array.from({ length: count }, (_, index) => name(index))

const loads = (placed: readonly number[], shards: number) =>
  Array.from({ length: shards }, (_, shard) => placed.filter((each) => each === shard).length)

const moved = (before: readonly number[], after: readonly number[]) =>
  before.filter((shard, at) => shard !== after[at]).length

/** Ways in which people name farms. */
const naming: readonly (readonly [string, (index: number) => string])[] = [
  ['host names', (index) => `site${index}.example.org`],
  ['numbers with leading zeros', (index) => `farm-${String(index).padStart(5, '0')}`],
  ['one letter and a number', (index) => `f${index}`],
  ['other scripts', (index) => `Büro ${index} 東京`],
]

// Worked out by another implementation, in another language.
test('every farm is on the same shard as in the first version that splits farms', () => {
  const names = ['intranet', 'shop', 'portal', 'api', 'Büro 東京', 'a', 'b', 'c', 'd', 'e']
  expect(placeFarms(names, 3)).toEqual([0, 1, 0, 1, 0, 2, 2, 1, 2, 1])
  expect(placeFarms(names, 11)).toEqual([0, 7, 3, 1, 0, 5, 8, 1, 2, 4])
})

test('every farm is on one of the shards, wherever it stands in the file', () => {
  const farms = uniqueArray(string({ minLength: 1 }), { maxLength: 40 })
  assert(
    property(farms, integer({ min: 1, max: 20 }), (names, shards) => {
      const placed = placeFarms(names, shards)
      expect(placed).toHaveLength(names.length)
      for (const shard of placed) expect(loads([shard], shards)).toContain(1)
      expect(placeFarms(names.toReversed(), shards)).toEqual(placed.toReversed())
    }),
  )
})

test('no shard has more than 1.2 times the mean, rounded up', () => {
  assert(
    property(integer({ min: 0, max: 400 }), integer({ min: 1, max: 60 }), (farms, shards) => {
      const fullest = Math.max(...loads(placeFarms(namesOf(farms), shards), shards))
      expect(fullest).toBeLessThanOrEqual(Math.ceil((farms / shards) * 1.2))
    }),
    { numRuns: 50 },
  )
})

describe.for(naming)('with farms named as %s', ([, name]) => {
  test('100 shards share 10,000 farms: the fullest has at most 1.25 times the mean, the emptiest half', () => {
    const found = loads(placeFarms(namesOf(10_000, name), 100), 100)
    expect(Math.max(...found)).toBeLessThanOrEqual(125)
    expect(Math.min(...found)).toBeGreaterThanOrEqual(50)
  })

  test('from 10 to 11 shards one farm in eleven moves, always to the new shard', () => {
    const names = namesOf(10_000, name)
    const [before, after] = [placeFarms(names, 10), placeFarms(names, 11)]
    expect(Math.abs(moved(before, after) / names.length - 1 / 11)).toBeLessThan(0.015)
    expect(after.filter((shard, at) => shard !== before[at] && shard !== 10)).toEqual([])
  })
})

test('adding or removing a farm moves hardly another, although shards are full', () => {
  const names = namesOf(2000)
  const whole = placeFarms(names, 20)
  expect(Math.max(...loads(whole, 20))).toBe(120)
  const others = names.slice(0, 100).map((_, gone) => {
    const rest = names.toSpliced(gone, 1)
    return moved(whole.toSpliced(gone, 1), placeFarms(rest, 20))
  })
  const mean = others.reduce((sum, count) => sum + count, 0) / others.length
  expect(mean).toBeLessThan(1)
})

test('the shards of a configuration have all its farms between them, and each has the rest of it', async () => {
  const farms = namesOf(10).map((name) => `{ name: ${name}, url: "http://${name}" }`)
  const config = await configOf(`journal: { path: data/x.db }\nfarms: [${farms.join(', ')}]`)
  const shards = [0, 1, 2].map((index) => ofShard(config, { index, count: 3 }))
  const found = shards.flatMap((each) => each.farms.map(({ farm }) => farm.name))
  expect(found.toSorted()).toEqual(namesOf(10).toSorted())
  for (const { farms: _, ...rest } of shards) {
    const { farms: _all, ...expected } = config
    expect(rest).toEqual(expected)
  }
})
