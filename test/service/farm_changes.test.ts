import { expect, test } from 'vitest'
import { farmChanges, keepUnchanged } from '../../src/service/farm_changes.ts'
import { sampleFarm } from '../support/farms/sample_farm.ts'

const read = () => ['a', 'b', 'c'].map((name) => ({ ...structuredClone(sampleFarm()), name }))

test('farms that were read again are the same objects as before unless something about them has changed', () => {
  const before = read()
  const [a, b, c] = read()
  if (a === undefined || b === undefined || c === undefined) throw new Error('three farms')
  const after = keepUnchanged(before, [c, { ...b, nodes: [] }, a, { ...a, name: 'd' }])
  expect(after.map((farm) => before.indexOf(farm))).toEqual([2, -1, 0, -1])
  expect(after.map(({ name }) => name)).toEqual(['c', 'b', 'a', 'd'])
  expect(farmChanges(before, after).map(({ farm }) => farm)).toEqual(['b', 'd'])
})
