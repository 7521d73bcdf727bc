import { expect, test } from 'vitest'
import { watchLoop } from '../../src/schedule/loop_lateness.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

/** Whether a probe of `totalMs` is suspect when the loop is blocked for `blockMs` at `atMs` of its life. */
async function isSuspect(totalMs: number, atMs: number, blockMs: number): Promise<boolean> {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  const mark = watch.mark(clock.monotonicMs())
  await clock.advance(atMs)
  clock.block(blockMs)
  await clock.advance(Math.max(0, totalMs - atMs - blockMs))
  return watch.isSuspect(mark, clock.monotonicMs(), totalMs)
}

test('a block of the loop of 35 ms is always seen, wherever it falls between beats', async () => {
  for (let atMs = 0; atMs <= 60; atMs += 3) expect(await isSuspect(100, atMs, 35)).toBe(true)
})

test('a block that ends with the probe is seen before the beat has come', async () => {
  expect(await isSuspect(100, 60, 40)).toBe(true)
})

test('a block shorter than 25 ms is never called suspect', async () => {
  for (let atMs = 0; atMs <= 60; atMs += 3) expect(await isSuspect(100, atMs, 24)).toBe(false)
})

test('a long probe is not spoiled by a short block, only by a tenth of its time', async () => {
  expect(await isSuspect(9400, 3000, 60)).toBe(false)
  expect(await isSuspect(9400, 3000, 1000)).toBe(true)
})

test('many beats that are a little late add up to nothing', async () => {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  const mark = watch.mark(clock.monotonicMs())
  for (let beat = 0; beat < 50; beat++) {
    await clock.advance(9)
    clock.block(4)
  }
  expect(watch.isSuspect(mark, clock.monotonicMs(), 600)).toBe(false)
})

/** Whether a probe is suspect that lives for so many beats, each of them late. */
async function isSuspectAfter(beatCount: number, lateMs: number): Promise<boolean> {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  const mark = watch.mark(clock.monotonicMs())
  for (let beat = 0; beat < beatCount; beat++) {
    await clock.advance(9)
    clock.block(lateMs)
  }
  return watch.isSuspect(mark, clock.monotonicMs(), beatCount * (9 + lateMs))
}

test('a long wait is not spoiled by a loop that is always a little late: little of that is in its figure', async () => {
  expect(await isSuspectAfter(500, 20)).toBe(false)
  expect(await isSuspectAfter(5, 20)).toBe(true)
  expect(await isSuspectAfter(50, 200)).toBe(false)
  expect(await isSuspectAfter(20, 200)).toBe(true)
})

test('lateness from before a probe started is not held against it', async () => {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  watch.mark(clock.monotonicMs())
  clock.block(200)
  const mark = watch.mark(clock.monotonicMs())
  await clock.advance(50)
  expect(watch.isSuspect(mark, clock.monotonicMs(), 50)).toBe(false)
})

test('the report has the quantiles of the beats of about a second, and the watch rests when nothing is probed', async () => {
  const clock = createSimulatedClock()
  let busy = true
  const watch = watchLoop(clock, () => busy)
  watch.mark(clock.monotonicMs())
  await clock.advance(500)
  expect(watch.report(clock.monotonicMs())).toBeUndefined()
  clock.block(80)
  await clock.advance(520)
  expect(watch.report(clock.monotonicMs())).toEqual({ p50Ms: 0, p99Ms: 0, maxMs: 70 })
  busy = false
  await clock.advance(20)
  expect(clock.pending()).toBe(0)
})
