import { expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { createSuspicion } from '../../src/schedule/usual_time.ts'
import { sampleCheck, sampleFarm } from '../support/farms/sample_farm.ts'
import { outcomeOf } from '../support/probes/scripted_probe.ts'

const farm = sampleFarm()
const check = sampleCheck()

/** Shows a suspicion ticks that reached the target in `reachMs` and were answered in 20 ms. */
function after(...reachesMs: readonly number[]) {
  const suspicion = createSuspicion()
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
    suspicion.observe(outcome)
  }
  return suspicion
}

const times = (count: number, ms: number) => Array.from({ length: count }, () => ms)

test('nobody is impatient before five answers have shown what is usual', () => {
  expect(after(...times(4, 1)).patienceMs()).toBe(Number.POSITIVE_INFINITY)
  expect(after(...times(5, 1)).patienceMs()).toBeLessThan(200)
})

test('connection and handshake are waited for on top of what an answer takes', () => {
  const near = after(...times(20, 1)).patienceMs()
  expect(after(...times(20, 150)).patienceMs() - near).toBeCloseTo(149, 5)
})

test('a lost packet makes nobody patient, and what has become longer for good is known after a few ticks', () => {
  const usual = after(...times(20, 1)).patienceMs()
  expect(after(...times(20, 1), 1000).patienceMs() - usual).toBeLessThan(20)
  expect(after(...times(20, 1), ...times(6, 200)).patienceMs() - usual).toBeGreaterThan(190)
})
