import { expect, test } from 'vitest'
import { createWorstBeats, watchLoop } from '../../src/schedule/loop_lateness.ts'
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

test('a long probe is suspect only after a block of a tenth of its time', async () => {
  expect(await isSuspect(9400, 3000, 60)).toBe(false)
  expect(await isSuspect(9400, 3000, 1000)).toBe(true)
})

test('many beats that are a little late make no probe suspect', async () => {
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

test('a long wait on a loop that is always a little late is not suspect: its time is hardly affected', async () => {
  expect(await isSuspectAfter(500, 20)).toBe(false)
  expect(await isSuspectAfter(5, 20)).toBe(true)
  expect(await isSuspectAfter(50, 200)).toBe(false)
  expect(await isSuspectAfter(20, 200)).toBe(true)
})

test('lateness before a probe started does not make it suspect', async () => {
  const clock = createSimulatedClock()
  const watch = watchLoop(clock, () => true)
  watch.mark(clock.monotonicMs())
  clock.block(200)
  const mark = watch.mark(clock.monotonicMs())
  await clock.advance(50)
  expect(watch.isSuspect(mark, clock.monotonicMs(), 50)).toBe(false)
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
