import { expect, test } from 'vitest'
import type { RecentAnswer } from '../../../src/detect/recent_answers.ts'
import { silencesOf } from '../../../src/detect/stall/silences.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'

const answer = (startMs: number, endMs: number): RecentAnswer => ({
  startMs,
  endMs,
  waitMs: endMs - startMs,
  manner: 'quick',
  check: 'home',
  identity: undefined,
  outcome: undefined,
})

const failed = (startMs: number, endMs: number): RecentAnswer => ({
  ...answer(startMs, endMs),
  manner: 'failed',
  outcome: sampleOutcome({ reason: 'refused', status: 0 }),
})

const longOnes = (answers: readonly RecentAnswer[]) =>
  silencesOf(answers, () => 50)
    .filter(({ fromMs, seenToMs }) => seenToMs - fromMs >= 500)
    .map(({ fromMs, seenToMs, toMs, probes }) => [fromMs, seenToMs, toMs, probes.length])

test('probes that wait for the same moment share a silence, though they are released one after another', () => {
  const waiters = [answer(1000, 3400), answer(1250, 3000), answer(1500, 3300)]
  expect(longOnes([answer(0, 10), ...waiters, answer(4000, 4010)])).toEqual([[1000, 3000, 3000, 3]])
})

test('a quick answer to a later probe ends a silence: that page was slow, the node was not', () => {
  const quick = [250, 500, 750, 1000, 1250, 1500, 1750].map((ms) => answer(1000 + ms, 1010 + ms))
  expect(longOnes([answer(0, 10), answer(1000, 3000), ...quick])).toEqual([])
})

test('what goes on waiting long after the first answer waits for something of its own', () => {
  expect(longOnes([answer(0, 10), answer(1000, 13_000), answer(6000, 6010)])).toEqual([])
})

test('failures are silence, as far as they are seen', () => {
  const refused = [1000, 1250, 1500, 2000].map((ms) => failed(ms, ms + 1))
  expect(longOnes([answer(0, 10), ...refused, answer(3000, 3010)])).toEqual([[1000, 2001, 3010, 4]])
})

test('failures count without an answer before them, waits do not', () => {
  expect(longOnes([failed(1000, 1001), failed(2000, 2001), answer(3000, 3010)])).toEqual([
    [1000, 2001, 3010, 2],
  ])
  expect(longOnes([answer(1000, 3000), answer(1500, 3000)])).toEqual([])
})

test('an error page is an answer', () => {
  const page = { ...failed(2000, 2001), outcome: sampleOutcome({ reason: 'status', status: 500 }) }
  expect(longOnes([answer(0, 10), failed(1000, 1001), page, answer(3000, 3010)])).toEqual([])
})

test('what the kernel of IIS answers in place of the application is none', () => {
  const full = {
    ...failed(2000, 2001),
    outcome: sampleOutcome({ reason: 'status', status: 503, origin: 'iis-kernel' }),
  }
  const waiters = [answer(1000, 6000), answer(1250, 6000)]
  expect(longOnes([answer(0, 10), ...waiters, full])).toEqual([[1000, 6000, 6000, 3]])
})

test('a quick answer that we noticed late shows no silence', () => {
  const late = { ...answer(1000, 3700), waitMs: 20 }
  const [silence] = silencesOf([answer(0, 10), late, answer(4000, 4010)], () => 50)
  expect(silence).toMatchObject({ fromMs: 1000, sureFromMs: 3680, seenToMs: 3700 })
})
