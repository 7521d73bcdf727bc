import { expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { createUsualTime } from '../../src/schedule/usual_time.ts'
import { sampleCheck, sampleFarm } from '../support/farms/sample_farm.ts'
import { outcomeOf } from '../support/probes/scripted_probe.ts'

const farm = sampleFarm()
const check = sampleCheck()

/** What is usual after ticks that reached the target in `reachMs` and were answered in 20 ms. */
function after(...reachesMs: readonly number[]) {
  const usual = createUsualTime()
  for (const [index, reachMs] of reachesMs.entries()) {
    const order = {
      farm,
      check,
      target: farm.balancer,
      lane: 'tick',
      slotMs: index * 5000,
      lagMs: 0,
    } as const
    const outcome: Outcome = { ...outcomeOf(order, reachMs + 20), firstByteMs: 20 }
    usual.observe(outcome, 0)
  }
  return usual
}

const times = (count: number, ms: number) => Array.from({ length: count }, () => ms)

test('no probe is overdue before five answers have shown what is usual', () => {
  expect(after(...times(4, 1)).overdueAfterMs()).toBe(Number.POSITIVE_INFINITY)
  expect(after(...times(5, 1)).overdueAfterMs()).toBeLessThan(200)
})

test('the usual time for connection and handshake is added to that of an answer', () => {
  const near = after(...times(20, 1)).overdueAfterMs()
  expect(after(...times(20, 150)).overdueAfterMs() - near).toBeCloseTo(149, 5)
})

test('one lost packet does not change what is usual, and a permanent change is known after a few ticks', () => {
  const usual = after(...times(20, 1)).overdueAfterMs()
  expect(after(...times(20, 1), 1000).overdueAfterMs() - usual).toBeLessThan(20)
  expect(after(...times(20, 1), ...times(6, 200)).overdueAfterMs() - usual).toBeGreaterThan(190)
})
