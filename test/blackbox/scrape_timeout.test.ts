import { expect, test } from 'vitest'
import { timeLimitMs } from '../../src/blackbox/scrape_timeout.ts'

test.each([
  [0, '15', 500, 14_500],
  [0, '15', 0, 15_000],
  [20_000, '15', 500, 14_500],
  [20_000, '15', 0, 15_000],
  [5000, '15', 0, 5000],
  [5000, '15', 500, 5000],
  [10_000, undefined, 500, 10_000],
  [10_000, '10', 500, 9500],
  [9500, undefined, 500, 9500],
  [9500, undefined, 1000, 9500],
  [0, undefined, 500, 119_500],
  [0, '0', 500, 119_500],
  [5000, '0.3', 500, 5000],
  [0, '0.3', 500, 0],
  [0, '1', 500, 500],
  [0, '300', 500, 119_500],
])('a module of %d ms, the header %s, an offset of %d ms: %d ms', (moduleMs, header, offsetMs, limitMs) => {
  expect(timeLimitMs(moduleMs, header, offsetMs)).toBe(limitMs)
})

test.each(['abc', '', ' ', 'NaN', 'Infinity', '5s'])('"%s" is no number', (header) => {
  expect(timeLimitMs(0, header, 500)).toBeUndefined()
})
