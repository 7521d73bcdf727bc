import { expect, test } from 'vitest'
import { createFairTurns } from '../../../src/web/guard/fair_turns.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

test('in each turn one request of each client begins, in the order in which they came', async () => {
  const { turn } = createFairTurns(createSimulatedClock())
  const begun: string[] = []
  const asked = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map(async (request) => {
    await turn(request.slice(0, 1))
    begun.push(request)
  })
  expect(begun).toEqual([])
  await Promise.all(asked)
  expect(begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})

test('no request begins while connections come in one after the other, but only for a while', async () => {
  const clock = createSimulatedClock()
  const { accepted, turn } = createFairTurns(clock)
  let begun = false
  const asked = turn('a').then(() => (begun = true))
  for (let count = 0; count < 10; count++) {
    accepted()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(begun).toBe(false)
  clock.block(50)
  accepted()
  await asked
  const next = turn('a')
  accepted()
  await next
})
