import { expect, test } from 'vitest'
import { createGate } from '../../../src/web/guard/client_limits.ts'

test('no client takes everything, and all together take no more than there is', () => {
  const gate = createGate({ most: 3, mostOfOne: 2 })
  const [first, second] = [gate.enter('a'), gate.enter('a')]
  expect(gate.enter('a')).toBeUndefined()
  expect(gate.enter('b')).toBeDefined()
  expect(gate.enter('c')).toBeUndefined()
  first?.()
  first?.()
  expect(gate.enter('c')).toBeDefined()
  expect(gate.enter('a')).toBeUndefined()
  second?.()
  expect(gate.enter('a')).toBeDefined()
})

test.each([
  [1, 8],
  [5, 4],
  [20, 1],
])('%i greedy clients get %i each at least, and leave room for another', (clients, each) => {
  const gate = createGate({ most: 40, mostOfOne: 8 })
  const got = Array.from({ length: clients }, () => 0)
  for (let round = 0; round < 40; round++)
    for (const client of got.keys())
      if (gate.enter(`${client}`) !== undefined) got[client] = (got[client] ?? 0) + 1
  expect(Math.min(...got)).toBeGreaterThanOrEqual(each)
  expect(gate.enter('another')).toBeDefined()
})
