import { expect, test } from 'vitest'
import { createWatchdog } from '../../../src/schedule/threads/watchdog.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

function watch() {
  const clock = createSimulatedClock()
  const barks: number[] = []
  const watchdog = createWatchdog(clock, () => barks.push(clock.monotonicMs()))
  return { clock, barks, watchdog }
}

test('barks once when nothing is heard for more than 30 s', async () => {
  const { clock, barks } = watch()
  await clock.advance(120_000)
  expect(barks).toHaveLength(1)
  expect(clock.pending()).toBe(0)
})

test('does not bark while there are signs of life', async () => {
  const { clock, barks, watchdog } = watch()
  for (let second = 0; second < 300; second += 20) {
    await clock.advance(20_000)
    watchdog.pat()
  }
  expect(barks).toEqual([])
})

test('does not count time in which it was itself asleep', async () => {
  const { clock, barks, watchdog } = watch()
  clock.block(3_600_000)
  await clock.advance(100)
  expect(barks).toEqual([])
  watchdog.stop()
  expect(clock.pending()).toBe(0)
})
