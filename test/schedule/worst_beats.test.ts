import { expect, test } from 'vitest'
import { createWorstBeats } from '../../src/schedule/worst_beats.ts'

/** Beats that are so late one after the other. */
function after(...lateness: readonly number[]) {
  const beats = createWorstBeats()
  let totalMs = 0
  for (const lateMs of lateness) {
    totalMs += lateMs
    beats.add(lateMs, totalMs)
  }
  return beats
}

test('knows the worst beat since any moment, which lateness so far tells', () => {
  const beats = after(5, 40, 10, 20, 3)
  expect([0, 5, 45, 55, 75, 78].map((totalMs) => beats.since(totalMs))).toEqual([40, 40, 20, 20, 3, 0])
})

test('counts of a beat what was late after the moment', () => {
  expect(after(40).since(30)).toBe(10)
})

test('forgets nothing that matters among beats that are on time', () => {
  expect(after(30, 0, 0, 7, 0).since(0)).toBe(30)
})
