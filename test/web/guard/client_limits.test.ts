import { expect, test } from 'vitest'
import { clientOf, createClientRates, createConcurrencyLimit } from '../../../src/web/guard/client_limits.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

test('no client takes everything, and all together take no more than there is', () => {
  const limit = createConcurrencyLimit({ most: 3, mostOfOne: 2 })
  const [first, second] = [limit.begin('a'), limit.begin('a')]
  expect(limit.begin('a')).toBeUndefined()
  expect(limit.begin('b')).toBeDefined()
  expect(limit.begin('c')).toBeUndefined()
  first?.()
  first?.()
  expect(limit.begin('c')).toBeDefined()
  expect(limit.begin('a')).toBeUndefined()
  second?.()
  expect(limit.begin('a')).toBeDefined()
})

test.each([
  [1, 8],
  [5, 4],
  [20, 1],
])('%i greedy clients get %i each at least, and leave room for another', (clients, each) => {
  const limit = createConcurrencyLimit({ most: 40, mostOfOne: 8 })
  const got = Array.from({ length: clients }, () => 0)
  for (let round = 0; round < 40; round++)
    for (const client of got.keys())
      if (limit.begin(`${client}`) !== undefined) got[client] = (got[client] ?? 0) + 1
  expect(Math.min(...got)).toBeGreaterThanOrEqual(each)
  expect(limit.begin('another')).toBeDefined()
})

test.each([
  ['10.0.0.9', '10.0.0.9'],
  ['::ffff:10.0.0.9', '10.0.0.9'],
  ['2001:db8:0:1::1', '32.1.13.184.0.0.0.1/64'],
  ['2001:db8:0:1:ffff:ffff:ffff:ffff', '32.1.13.184.0.0.0.1/64'],
  ['2001:db8:0:2::1', '32.1.13.184.0.0.0.2/64'],
  ['fe80::1%eth0', '254.128.0.0.0.0.0.0/64'],
  ['::1', '0.0.0.0.0.0.0.0/64'],
  [undefined, ''],
])('%s is client %s', (address, client) => {
  expect(clientOf(address)).toBe(client)
})

test('each client has a rate of its own, and of a million clients the newest ten thousand are remembered', () => {
  const isWithin = createClientRates({ burst: 1, intervalMs: 1000 }, createSimulatedClock())
  expect([isWithin('a'), isWithin('a'), isWithin('b')]).toEqual([true, false, true])
  for (let client = 0; client < 9998; client++) isWithin(`${client}`)
  expect(isWithin('a')).toBe(false)
  for (let client = 0; client < 10_000; client++) isWithin(`other ${client}`)
  expect(isWithin('a')).toBe(true)
})
