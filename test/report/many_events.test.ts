/** A report of a journal that holds very many of a thing: it takes its time, in proportion, and is written. */
import { expect, test } from 'vitest'
import { emptyRollup } from '../../src/history/rollup.ts'
import type { JournalReader } from '../../src/journal/read/reader.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import { countInterval, quantileInterval } from '../../src/report/confidence_intervals.ts'
import { type FarmFacts, farmFacts } from '../../src/report/facts.ts'
import { reportText } from '../../src/report/report_text.ts'

const many = 200_000
const stepMs = 3000
const sinceMs = Date.UTC(2026, 5, 1)
const span = { sinceMs, untilMs: sinceMs + many * stepMs }
const base = (index: number) => ({ atMs: sinceMs + index * stepMs, farm: 'shop', maintenance: false })
const web01 = { role: 'node', target: 'web01', check: 'home' } as const

const events: Readonly<Record<string, (index: number) => FarmEvent[]>> = {
  recycles: (index) => [
    { ...base(index), kind: 'recycle', target: 'web01', evidence: 'identity', confidence: 1 },
  ],
  'first requests': (index) => [
    { ...base(index), kind: 'first_request', ...web01, firstByteMs: index, reason: 'ok' },
  ],
  outages: (index) => [
    { ...base(index), kind: 'outage_opened', ...web01, reason: 'refused', detail: '' },
    {
      ...base(index),
      kind: 'outage_closed',
      ...web01,
      reason: 'refused',
      lengthMs: 1000,
      failures: { refused: 1 },
    },
  ],
  'errors of the balancer': (index) => [
    {
      ...base(index),
      kind: 'balancer_error',
      check: 'home',
      id: `${index}`,
      lane: 'tick',
      status: 502,
      origin: `proxy ${index}`,
      tells: `says ${index}`,
      firstByteMs: 5,
      node: index % 2 === 0 ? 'web01' : 'web02',
      cause: 'recycle',
    },
  ],
  habits: (index) => [
    { ...base(index), kind: 'habit', target: 'web01', habit: 'clock', sentence: `at ${index}` },
  ],
}

const none = () => []

/** What the journal of one farm gives. */
function factsOf(
  happened: readonly FarmEvent[],
  more: Partial<Pick<JournalReader, 'marks' | 'blind' | 'steps'>> = {},
): FarmFacts {
  const steps = ['web01', 'web02'].map((target) => ({
    subject: { farm: 'shop', ...web01, target },
    steps: [{ ...emptyRollup(), atMs: sinceMs }],
  }))
  const others = { marks: none, blind: none, incidents: none, lastSignMs: () => span.untilMs }
  const journal = { events: () => happened, steps: () => steps, ...others, ...more }
  return farmFacts(journal as unknown as JournalReader, 'shop', span)
}

const nameOf = (index: number) => `node${index % 10_000}`

const counted = Array.from({ length: many }, (_, index) => index)

test.for(Object.keys(events))(`${many} %s`, { timeout: 30_000 }, (name) => {
  const facts = factsOf(counted.flatMap((index) => events[name]?.(index) ?? []))
  expect(reportText([facts], span, false)).toContain('web01')
})

test(`${many} marks: the newest hundred are compared, the oldest of them with the time since the mark before`, () => {
  const marks = counted.map((index) => ({ atMs: sinceMs + index * stepMs, text: `change ${index}` }))
  const facts = factsOf([], { marks: () => marks })
  expect(facts.marks).toHaveLength(100)
  expect(facts.marks[0]?.before.sinceMs).toBe(marks.at(-101)?.atMs)
})

test(`${many} times without a prober`, () => {
  const blind = counted.map((index) => ({
    atMs: sinceMs + index * stepMs,
    untilMs: sinceMs + index * stepMs + 1000,
    sentence: 'not running',
  }))
  expect(factsOf([], { blind: () => blind as never }).watchedMs).toBe(many * (stepMs - 1000))
})

test('ten thousand targets with twenty events each', { timeout: 30_000 }, () => {
  const steps = counted.slice(0, 10_000).map((index) => ({
    subject: { farm: 'shop', ...web01, target: nameOf(index) },
    steps: [{ ...emptyRollup(), atMs: sinceMs }],
  }))
  const recycles = counted.map(
    (index): FarmEvent => ({
      ...base(index),
      kind: 'recycle',
      target: nameOf(index),
      evidence: 'identity',
      confidence: 1,
    }),
  )
  const facts = factsOf(recycles, { steps: () => steps })
  expect(new Set(facts.targets.map((target) => target.recycles))).toEqual(new Set([20]))
  expect(reportText([facts], span, false).split('\n').length).toBeGreaterThan(10_000)
})

test('counts of any size have their intervals', () => {
  const { low, high } = countInterval(many)
  expect([Math.round(low), Math.round(high)]).toEqual([199_125, 200_878])
  expect(quantileInterval(counted, 0.5)).toEqual({ low: 99_561, high: 100_438 })
})
