import { expect, test } from 'vitest'
import { checkSlowness, coldFromMs, learnNatural } from '../../../src/detect/recycle/natural_slowness.ts'

const hourMs = 3_600_000
const slowMs = 150

/** What a check on four nodes knows after some hours of pauses. */
function after(hours: number, pausesMs: readonly number[] = [], slowFromMs = slowMs) {
  const memory = checkSlowness.empty()
  memory.watchedMs = 4 * hours * hourMs
  for (const waitMs of pausesMs) learnNatural(memory, 'pauses', { atMs: 0, waitMs })
  return coldFromMs(memory, 'pauses', slowFromMs)
}

test('at first only what is many times slower than slow is no pause, and the longer none is met the less will do', () => {
  expect(after(0)).toBeGreaterThan(2000)
  expect(after(0)).toBeLessThan(3000)
  expect(after(24)).toBeLessThan(1000)
  expect(after(24 * 30)).toBeLessThan(400)
})

/** Often enough to be the nature of the page for a week. */
const everyHour = Array.from({ length: 4 * 7 * 24 }, (_, index) => 500 + (index % 40) * 10)

test('pauses that keep to their size are known by it: twice as long is none of them', () => {
  expect(after(24 * 7, everyHour)).toBeGreaterThan(890)
  expect(after(24 * 7, everyHour)).toBeLessThanOrEqual(2 * 890)
})

test('one or two cold starts that were taken for pauses do not hide those that follow', () => {
  expect(after(24 * 7, [...everyHour, 5200, 6300])).toBeLessThanOrEqual(2 * 890)
})

test('what comes a few times a day hides nothing that is many times slower than slow', () => {
  const sometimes = Array.from({ length: 40 }, (_, index) => 1000 + 100 * index)
  expect(after(24 * 7, sometimes)).toBeLessThanOrEqual(4 * slowMs)
})

test('a pause comes on top of what a slow page takes, and is not as many times as long', () => {
  expect(after(1, [], 1000)).toBeLessThanOrEqual(4000)
})
