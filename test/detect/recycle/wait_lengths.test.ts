import { expect, test } from 'vitest'
import { checkWaits, lengthLogOdds, takeIn } from '../../../src/detect/recycle/wait_lengths.ts'
import { seededRandom } from '../../../src/runtime/random.ts'

const hourMs = 3_600_000

interface Known {
  readonly waiters?: number
  readonly hours?: number
  /** Waits seen before, in milliseconds, and how many probes waited for each. */
  readonly known?: readonly number[]
  readonly knownWaiters?: number
}

const waitOf = (waitMs: number, waiters: number, others = 0.5) => ({
  atMs: 0,
  waitMs,
  waiters,
  shared: false,
  others,
})

/** Above 0 when a wait of this length is rather a start, by what a check on four nodes knows after some hours. */
function odds(waitMs: number, { waiters = 4, hours = 24, known = [], knownWaiters = 4 }: Known = {}) {
  const memory = checkWaits.empty()
  memory.watchedMs = 4 * hours * hourMs
  const seen = (ms: number, count: number) => lengthLogOdds(takeIn(memory, waitOf(ms, count), 250))
  for (const knownMs of known) seen(knownMs, knownWaiters)
  return seen(waitMs, waiters)
}

/** Often enough to be the nature of the page for a day. */
const everyQuarter = Array.from({ length: 4 * 4 * 24 }, (_, index) => 500 + (index % 40) * 10)

test('a wait of seconds that several probes share is a start, before anything is known and afterwards', () => {
  for (const hours of [0, 1, 24]) expect([hours, odds(4000, { hours }) > 2]).toEqual([hours, true])
})

test('a single wait proves less than one that several probes share', () => {
  expect(odds(2000, { waiters: 1 })).toBeLessThan(odds(2000, { waiters: 2 }))
})

test('pauses that keep to their size are known by it, and what is far longer is none of them', () => {
  expect(odds(700, { known: everyQuarter })).toBeLessThan(-3)
  expect(odds(4000, { known: everyQuarter })).toBeGreaterThan(3)
})

test('on a page with a heavy tail a long wait of one probe is natural', () => {
  const tail = Array.from({ length: 48 }, (_, index) => 400 * (48 / (index + 1)) ** 0.5)
  expect(odds(2000, { known: tail, knownWaiters: 1, waiters: 1 })).toBeLessThan(-3)
})

test('where a worker answers one request after the other, two probes that wait together prove little', () => {
  const busy = Array.from({ length: 60 }, (_, index) => 400 + (index % 20) * 10)
  const single = odds(900, { known: busy, knownWaiters: 1, waiters: 2, hours: 0.1 })
  expect(odds(900, { known: busy, knownWaiters: 2, waiters: 2, hours: 0.1 })).toBeLessThan(single)
})

test('starts in quick succession show each other to be starts', () => {
  const starts = [1900, 1800, 1950, 1850]
  expect(odds(1900, { known: starts, hours: 0.05 })).toBeGreaterThan(odds(1900, { hours: 0.05 }))
})

test('short starts show each other to be starts, the first of them included, and pauses that are as short do not', () => {
  const memory = checkWaits.empty()
  memory.watchedMs = 4 * hourMs
  const start = (waitMs: number) => takeIn(memory, waitOf(waitMs, 2, 0.8), 250)
  const first = start(1100)
  expect(first.start).toBeLessThan(0.6)
  for (const waitMs of [1300, 1900, 1500, 1700]) start(waitMs)
  expect(first.start).toBeGreaterThan(0.9)

  const pauses = checkWaits.empty()
  pauses.watchedMs = 4 * hourMs
  const all = [550, 650, 950, 750, 850].map((waitMs) => takeIn(pauses, waitOf(waitMs, 2, 0.8), 250))
  for (const { start: probability } of all) expect(probability).toBeLessThan(0.5)
})

test('many starts that several probes share do not make starts of the single waits of a heavy tail', () => {
  const random = seededRandom(1)
  const memory = checkWaits.empty()
  const tail = () => Math.min(10_000, 500 * (1 - random()) ** (-1 / 3.5))
  const seen = { starts: 0, single: 0 }
  const told = { starts: 0, single: 0 }
  for (let minute = 0; minute < 4 * 24 * 60; minute++) {
    memory.watchedMs += 4 * 60_000
    const isStart = random() < 0.02
    // A few minutes of bad weather every six hours.
    const shared = minute % 360 < 3
    const waitMs = shared ? 2000 + tail() : isStart ? 2500 + 1800 * random() : tail()
    const wait = {
      ...waitOf(waitMs, isStart ? 4 : 1, shared ? -5 : isStart ? 0.8 : 0),
      shared,
      atMs: minute * 60_000,
    }
    const kind = isStart && !shared ? 'starts' : 'single'
    seen[kind]++
    if (lengthLogOdds(takeIn(memory, wait, 400)) + wait.others > Math.log(0.7 / 0.3)) told[kind]++
  }
  expect(told.starts / seen.starts).toBeGreaterThan(0.9)
  expect(told.single / seen.single).toBeLessThan(0.02)
})

test('waits of bad weather leave the tail of other times in memory', () => {
  const memory = checkWaits.empty()
  memory.watchedMs = 4 * 24 * hourMs
  for (const waitMs of everyQuarter.slice(0, 40)) takeIn(memory, waitOf(waitMs, 4), 250)
  const odds = () => lengthLogOdds(takeIn(memory, waitOf(1200, 4), 250))
  const before = odds()
  for (let index = 0; index < 100; index++)
    takeIn(memory, { ...waitOf(2000 + 10 * index, 4, -5), shared: true }, 250)
  expect(odds()).toBeLessThan(before + 1)
})

/** Pauses of 0.6 s in the median, a few of them some seconds long, as garbage collection makes them. */
function pauseMs(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return 600 * Math.exp(0.4 * normal)
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'pauses of garbage collection do not become starts by the longest of them, in ten days (seed %i)',
  (seed) => {
    const random = seededRandom(seed)
    const memory = checkWaits.empty()
    let told = 0
    // One in two minutes on each of four nodes, of which a tick in five seconds meets what is left of some.
    for (let pause = 0; pause < 4 * 10 * 720; pause++) {
      memory.watchedMs += 120_000
      const waitMs = pauseMs(random) - 5000 * random()
      if (waitMs < 250) continue
      const waiters = waitMs < 400 ? 1 : Math.min(6, 2 + Math.floor(waitMs / 350))
      const wait = waitOf(waitMs, waiters, 0.4 * Math.min(2, Math.log2(waiters)))
      if (lengthLogOdds(takeIn(memory, wait, 250)) + wait.others > Math.log(0.7 / 0.3)) told++
    }
    expect(told).toBe(0)
  },
)
