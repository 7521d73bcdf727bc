import { expect, test } from 'vitest'
import { createWorstBeats, watchLoop } from '../../src/schedule/loop_lateness.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

/** How late a probe of `totalMs` is at most when the loop is blocked for `blockMs` at `atMs` of its life. */
async function latenessOf(totalMs: number, atMs: number, blockMs: number): Promise<number> {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  const mark = watch.mark(clock.monotonicMs())
  await clock.advance(atMs)
  clock.block(blockMs)
  await clock.advance(Math.max(0, totalMs - atMs - blockMs))
  return watch.latenessMs(mark, clock.monotonicMs())
}

test('a block of the loop counts but for 15 ms at most, wherever it falls between beats', async () => {
  for (let atMs = 0; atMs <= 60; atMs += 3)
    for (const blockMs of [24, 35]) {
      const ms = await latenessOf(100, atMs, blockMs)
      expect(ms).toBeGreaterThanOrEqual(blockMs - 15)
      expect(ms).toBeLessThanOrEqual(blockMs - 5)
    }
})

test('a block that ends with the probe is seen before the beat has come', async () => {
  expect(await latenessOf(100, 60, 40)).toBeGreaterThanOrEqual(25)
})

test('beats that are as late as usual make no probe late', async () => {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  const mark = watch.mark(clock.monotonicMs())
  for (let beat = 0; beat < 50; beat++) {
    await clock.advance(9)
    clock.block(4)
  }
  expect(watch.latenessMs(mark, clock.monotonicMs())).toBe(0)
})

/** How late a probe is at most that lives for so many beats, each of them late. */
async function latenessAfter(beatCount: number, lateMs: number): Promise<number> {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  const mark = watch.mark(clock.monotonicMs())
  for (let beat = 0; beat < beatCount; beat++) {
    await clock.advance(9)
    clock.block(lateMs)
  }
  return watch.latenessMs(mark, clock.monotonicMs())
}

test('a long wait on a loop that is always a little late is late by five beats: so often it waits for the loop', async () => {
  expect(await latenessAfter(500, 20)).toBe(await latenessAfter(5, 20))
  expect(await latenessAfter(50, 200)).toBe(5 * (200 - 5 - 1))
})

test('lateness before a probe started does not make it late', async () => {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  watch.mark(clock.monotonicMs())
  clock.block(200)
  const mark = watch.mark(clock.monotonicMs())
  await clock.advance(50)
  expect(watch.latenessMs(mark, clock.monotonicMs())).toBe(0)
})

/** How late the machine is taken to be a second after a block of the loop. */
async function machineAfter(blockMs: number): Promise<number> {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  watch.mark(clock.monotonicMs())
  clock.block(blockMs)
  await clock.advance(1000)
  return watch.machineMs()
}

test('a machine on which this loop is late again and again is late; one on which it was stopped once for long is not', async () => {
  expect(await machineAfter(300)).toBeGreaterThan(600)
  expect(await machineAfter(2000)).toBe(0)
})

test('the report has the quantiles of about a second, and there are no beats while nothing is probed', async () => {
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

/** Beats that are so late one after the other. */
function beatsAfter(...lateness: readonly number[]) {
  const beats = createWorstBeats()
  let totalMs = 0
  for (const lateMs of lateness) {
    totalMs += lateMs
    beats.add(lateMs, totalMs)
  }
  return beats
}

test('the worst beat since any moment is known; the total lateness stands for the moment', () => {
  const beats = beatsAfter(5, 40, 10, 20, 3)
  expect([0, 5, 45, 55, 75, 78].map((totalMs) => beats.since(totalMs))).toEqual([40, 40, 20, 20, 3, 0])
})

test('of a beat that began before the moment only the rest counts', () => {
  expect(beatsAfter(40).since(30)).toBe(10)
})

test('beats in time do not make a late one forgotten', () => {
  expect(beatsAfter(30, 0, 0, 7, 0).since(0)).toBe(30)
})
