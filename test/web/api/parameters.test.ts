import { expect, test } from 'vitest'
import { parseMoment } from '../../../src/web/api/parameters.ts'

const nowMs = Date.parse('2026-02-03T04:05:06Z')

test.each([
  ['90s', nowMs - 90_000],
  ['7d', nowMs - 7 * 86_400_000],
  ['2026-02-03T04:05:06Z', nowMs],
  ['2026-02-03T05:05:06.5+01:00', nowMs + 500],
  ['1770091506', 1_770_091_506_000],
  ['1770091506.25', 1_770_091_506_250],
  ['1770091506000', 1_770_091_506_000],
  ['0', 0],
])('%s is %i', (text, ms) => {
  expect(parseMoment(text, nowMs)).toBe(ms)
})

test.each([
  '',
  'now',
  '-5m',
  '2026-02-03',
  '2026-02-03T04:05:06',
  '2026-13-03T04:05:06Z',
  '1e3',
  '8640000000000001',
])('%j is not a time', (text) => {
  expect(parseMoment(text, nowMs)).toBeUndefined()
})
