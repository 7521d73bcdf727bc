import { expect, test } from 'vitest'
import { createBatcher } from '../../../src/schedule/threads/outcome_batcher.ts'
import type { Batch } from '../../../src/schedule/threads/prober_messages.ts'
import { sampleFarm } from '../../support/farms/sample_farm.ts'
import { outcomeOf } from '../../support/probes/scripted_probe.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

function collect() {
  const clock = createSimulatedClock()
  const posted: (Batch & { readonly atMs: number })[] = []
  const startMs = clock.monotonicMs()
  const batcher = createBatcher({
    clock,
    prober: 2,
    send: (batch) => posted.push({ ...batch, atMs: clock.monotonicMs() - startMs }),
    inFlight: () => 7,
    loopDelay: () => undefined,
  })
  return { clock, posted, batcher }
}

const farm = sampleFarm()
const good = outcomeOf({
  farm,
  check: farm.checks[0] as (typeof farm.checks)[number],
  target: farm.balancer,
  lane: 'tick',
  slotMs: 0,
  lagMs: 0,
})
const bad = { ...good, reason: 'refused' } as const

test('good outcomes are collected for a tenth of a second', async () => {
  const { clock, posted, batcher } = collect()
  for (let index = 0; index < 4; index++) {
    batcher.outcome(good)
    await clock.advance(30)
  }
  expect(posted).toMatchObject([{ prober: 2, atMs: 100, outcomes: [good, good, good, good], inFlight: 7 }])
})

test('a failure is sent within 20 ms, with what has been collected', async () => {
  const { clock, posted, batcher } = collect()
  batcher.outcome(good)
  await clock.advance(50)
  batcher.outcome(bad)
  await clock.advance(20)
  expect(posted.map(({ outcomes, atMs }) => [outcomes.length, atMs])).toEqual([[2, 60]])
})

test('a prober with nothing to report sends an empty batch every second', async () => {
  const { clock, posted } = collect()
  await clock.advance(3500)
  expect(posted.map(({ outcomes, missed, atMs }) => [outcomes.length + missed.length, atMs])).toEqual([
    [0, 1000],
    [0, 2000],
    [0, 3000],
  ])
})

test('stopping sends what was collected at once, and leaves no timer', () => {
  const { clock, posted, batcher } = collect()
  batcher.missed(good, 3)
  batcher.stop()
  expect(posted).toMatchObject([{ atMs: 0, missed: [{ count: 3 }] }])
  expect(clock.pending()).toBe(0)
})
