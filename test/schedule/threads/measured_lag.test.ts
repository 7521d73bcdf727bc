import { expect, test } from 'vitest'
import { watchLag } from '../../../src/schedule/threads/measured_lag.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'

/** When a prober is found to be late that reports ten times a second how late it started its probes, in milliseconds. */
function foundLate(seconds: number, perSecond: number, lagMs: (atMs: number) => number): number[] {
  const isLate = watchLag()
  const found: number[] = []
  for (let atMs = 0; atMs <= seconds * 1000; atMs += 100) {
    const outcomes = Array.from({ length: perSecond / 10 }, () => sampleOutcome({ lagMs: lagMs(atMs) }))
    if (isLate({ prober: 0, outcomes, missed: [], inFlight: 0 }, atMs)) found.push(atMs)
  }
  return found
}

test('a prober that goes on starting its probes late is found after six seconds, and again while that lasts', () => {
  expect(foundLate(13, 400, () => 80)).toEqual([6000, 12_000])
})

test.each([
  ['a peak that passes', 400, (atMs: number) => (atMs < 3000 ? 500 : 1)],
  ['the usual lag', 400, () => 3],
  ['a prober with little to do', 50, () => 500],
])('%s is no reason for another prober', (_what, perSecond, lagMs) => {
  expect(foundLate(20, perSecond, lagMs)).toEqual([])
})
