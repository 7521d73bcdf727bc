import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bytes, putNumber, takeNumber } from '../../src/history/bytes.ts'
import { numberedWords } from '../../src/history/numbering.ts'
import { addMissed, addOutcome, emptyRollup, mergeRollup, type Rollup } from '../../src/history/rollup.ts'
import { putRollup, takeRollup } from '../../src/history/rollup_bytes.ts'
import { lanes, type Outcome, reasons } from '../../src/model/outcome.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'

const outcomes: fc.Arbitrary<Outcome[]> = fc.array(
  fc
    .record({
      lane: fc.constantFrom(...lanes),
      reason: fc.constantFrom(...reasons),
      status: fc.constantFrom(0, 200, 302, 404, 500, 502, 503, 504),
      latenessMs: fc.constantFrom(0, 30),
      firstByteMs: fc.integer({ min: 1, max: 120_000 }),
    })
    .map(sampleOutcome),
  { maxLength: 60 },
)

const rollupOf = (all: readonly Outcome[]): Rollup => {
  const rollup = emptyRollup()
  for (const outcome of all) addOutcome(rollup, outcome)
  return rollup
}

test('numbers of any size survive', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
      const bytes: Bytes = []
      for (const number of numbers) putNumber(bytes, number)
      const cursor = { bytes: new Uint8Array(bytes), at: 0 }
      expect(numbers.map(() => takeNumber(cursor))).toEqual(numbers)
    }),
  )
})

test('bytes that end within a number are refused', () => {
  expect(() => takeNumber({ bytes: new Uint8Array([200]), at: 0 })).toThrow('the bytes end within a number')
})

test('rollups survive as bytes, one after the other', () => {
  fc.assert(
    fc.property(outcomes, outcomes, (first, second) => {
      const words = numberedWords()
      const bytes: Bytes = []
      const [one, two] = [rollupOf(first), rollupOf(second)]
      addMissed(two, 3)
      putRollup(bytes, one, words)
      putRollup(bytes, two, words)
      const cursor = { bytes: new Uint8Array(bytes), at: 0 }
      expect(takeRollup(cursor, words)).toEqual(one)
      expect(takeRollup(cursor, words)).toEqual(two)
      expect(cursor.at).toBe(bytes.length)
    }),
  )
})

test('merging is the same as having counted all at once', () => {
  fc.assert(
    fc.property(outcomes, outcomes, (first, second) => {
      const merged = rollupOf(first)
      mergeRollup(merged, rollupOf(second))
      expect(merged).toEqual(rollupOf([...first, ...second]))
    }),
  )
})

test('a time-out that we may have caused ourselves is not held against the target', () => {
  const { probes, failures, blind, counts } = rollupOf([
    sampleOutcome({ latenessMs: 30, reason: 'first_byte_timeout', status: 0 }),
    sampleOutcome({ latenessMs: 30, reason: 'status', status: 502 }),
  ])
  expect({ probes, failures, blind }).toEqual({ probes: 1, failures: 1, blind: 1 })
  expect(Object.fromEntries(counts)).toEqual({ 'tick suspect': 1, 'tick status': 1, 'tick 502': 1 })
})
