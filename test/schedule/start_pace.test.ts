import { expect, test } from 'vitest'
import { createPacer } from '../../src/schedule/start_pace.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

/** A pacer given 100 items at once, and how many it has started. */
function given(items: number) {
  const clock = createSimulatedClock()
  let started = 0
  const start = createPacer<number>(clock, () => started++)
  start(Array.from({ length: items }, (_, item) => item))
  return { clock, started: () => started }
}

test('a large group is started in parts, each in a turn of the event loop', async () => {
  const { clock, started } = given(40)
  expect(started()).toBe(16)
  await clock.advance(0)
  expect(started()).toBe(40)
})

test('a turn that comes late starts what was due in all that time', async () => {
  const { clock, started } = given(200)
  expect(started()).toBe(16)
  clock.block(100)
  await clock.advance(0)
  expect(started()).toBe(200)
})
