import { expect, test } from 'vitest'
import {
  type Baseline,
  baselineMs,
  createBaseline,
  forgetColdStart,
  highMs,
  observeBaseline,
  restoreBaseline,
  saveBaseline,
  suspicious,
} from '../../src/detect/baseline.ts'
import { seededRandom } from '../../src/runtime/random.ts'

const startMs = Date.UTC(2026, 0, 5)

/** Shows a baseline one answer every five seconds, from one second to another. */
function feed(state: Baseline, from: number, to: number, ms: (at: number) => number): void {
  for (let at = from; at < to; at += 5) observeBaseline(state, ms(at), startMs + at * 1000)
}

test('it is the median, whatever a few answers do', () => {
  const state = createBaseline()
  feed(state, 0, 600, (at) => (at % 100 === 50 ? 9000 : 20))
  expect(baselineMs(state)).toBeCloseTo(20, 3)
})

test('nothing is suspicious until a few answers are known', () => {
  const state = createBaseline()
  feed(state, 0, 15, () => 20)
  expect(baselineMs(state)).toBeUndefined()
  expect(suspicious(state, 60_000)).toBe(false)
})

test('far above is suspicious, the usual noise is not', () => {
  const state = createBaseline()
  const random = seededRandom(1)
  feed(state, 0, 1200, () => 20 + 20 * random())
  expect(suspicious(state, 60)).toBe(false)
  expect(suspicious(state, 400)).toBe(true)
})

test('a few milliseconds more are not suspicious, however steady a target is', () => {
  const state = createBaseline()
  feed(state, 0, 1200, () => 2)
  expect(suspicious(state, 60)).toBe(false)
})

test('cold starts now and then are kept out of it', () => {
  const state = createBaseline()
  feed(state, 0, 7200, (at) => (at % 3600 < 15 && at > 60 ? 9000 : 20))
  expect(highMs(state)).toBeCloseTo(20, 3)
  expect(suspicious(state, 9000)).toBe(true)
})

test('cold starts that were told are kept out of it, however often they come', () => {
  const state = createBaseline()
  for (let minute = 0; minute < 60; minute++) {
    const fromS = 60 * minute
    feed(state, fromS, fromS + 50, () => 20)
    feed(state, fromS + 50, fromS + 60, () => 7000)
    if (minute > 0) forgetColdStart(state, startMs + (fromS + 43) * 1000, startMs + (fromS + 55) * 1000)
  }
  expect(highMs(state)).toBeCloseTo(20, 3)
  expect(suspicious(state, 2000)).toBe(true)
})

test.each([0, 1, 3])(
  'a cold start among the first answers, after %d of them, is not taken for normal',
  (before) => {
    const state = createBaseline()
    const first = [...Array.from({ length: before }, () => 20), 7000, 2000]
    feed(state, 0, 150, (at) => first[at / 5] ?? 20)
    expect(highMs(state)).toBeCloseTo(20, 3)
    expect(suspicious(state, 1000)).toBe(true)
  },
)

test('a page that is slow several times in half an hour is slow by nature', () => {
  const state = createBaseline()
  feed(state, 0, 3600, (at) => (at % 200 === 100 ? 900 : 20))
  expect(baselineMs(state)).toBeCloseTo(20, 3)
  expect(suspicious(state, 900)).toBe(false)
})

test('a lasting change becomes the new normal within minutes', () => {
  const state = createBaseline()
  feed(state, 0, 3600, () => 20)
  feed(state, 3600, 4200, () => 300)
  expect(baselineMs(state)).toBeCloseTo(300, 1)
  expect(suspicious(state, 310)).toBe(false)
})

test('what was normal a day ago is forgotten', () => {
  const state = createBaseline()
  feed(state, 0, 3600, () => 200)
  const tomorrow = 2 * 86_400
  feed(state, tomorrow, tomorrow + 200, () => 20)
  expect(baselineMs(state)).toBeCloseTo(20, 3)
})

test('a clock that is set back stops nothing', () => {
  const state = createBaseline()
  feed(state, 86_400, 90_000, () => 20)
  feed(state, 0, 1200, () => 40)
  expect(baselineMs(state)).toBeCloseTo(40, 3)
})

test('a clock that is set back after a cold start hides no lasting change', () => {
  const state = createBaseline()
  feed(state, 86_400, 90_000, () => 20)
  forgetColdStart(state, startMs + 89_990_000, startMs + 90_000_000)
  feed(state, 0, 1200, () => 400)
  expect(baselineMs(state)).toBeCloseTo(400, 1)
})

test('it survives a restart as plain JSON', () => {
  const state = createBaseline()
  const random = seededRandom(2)
  feed(state, 0, 3600, () => 20 + 20 * random())
  const restored = restoreBaseline(createBaseline(), JSON.parse(JSON.stringify(saveBaseline(state))))
  expect(baselineMs(restored)).toBeCloseTo(baselineMs(state) ?? 0, -1)
  expect(suspicious(restored, 400)).toBe(true)
})
