import { expect, test } from 'vitest'
import {
  checkSlowness,
  coldLogOdds,
  learnNatural,
  type SlownessKind,
} from '../../../src/detect/recycle/natural_slowness.ts'

const hourMs = 3_600_000

interface Known {
  readonly waiters?: number
  readonly hours?: number
  readonly kind?: SlownessKind
  readonly known?: readonly number[]
}

/** Above 0 when a wait of this length is rather a cold start, by what a check on four nodes knows after some hours. */
function odds(waitMs: number, { waiters = 4, hours = 24, kind = 'pauses', known = [] }: Known = {}) {
  const memory = checkSlowness.empty()
  memory.watchedMs = 4 * hours * hourMs
  for (const knownMs of known) learnNatural(memory, kind, { atMs: 0, waitMs: knownMs })
  return coldLogOdds(memory, { waitMs, waiters }, 250)
}

/** Often enough to be the nature of the page for a day. */
const everyQuarter = Array.from({ length: 4 * 4 * 24 }, (_, index) => 500 + (index % 40) * 10)

test('a wait of seconds that several probes share is a cold start, before anything is known and afterwards', () => {
  for (const hours of [0, 1, 24 * 30]) expect([hours, odds(4000, { hours }) > 2]).toEqual([hours, true])
})

test('a single wait proves less than one that several probes share', () => {
  expect(odds(2000, { waiters: 1 })).toBeLessThan(odds(2000, { waiters: 2 }))
})

test('pauses that keep to their size are known by it, and what is far longer is none of them', () => {
  expect(odds(700, { known: everyQuarter })).toBeLessThan(-3)
  expect(odds(4000, { known: everyQuarter })).toBeGreaterThan(3)
})

test('on a page with a heavy tail a long wait of one probe is natural', () => {
  const tail = Array.from({ length: 48 }, (_, index) => 60_000 / (index + 1))
  expect(odds(5000, { known: tail, kind: 'alone', waiters: 1 })).toBeLessThan(-3)
})
