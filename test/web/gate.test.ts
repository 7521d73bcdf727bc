import { expect, test } from 'vitest'
import { createGate } from '../../src/web/gate.ts'

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
