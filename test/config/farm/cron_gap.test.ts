import { expect, test } from 'vitest'
import { smallestGapMs } from '../../../src/config/farm/cron_gap.ts'

const minuteMs = 60_000

test.each([
  ['* * * * *', minuteMs],
  ['*/15 * * * *', 15 * minuteMs],
  ['0 */4 * * *', 240 * minuteMs],
  ['5,50 * * * *', 15 * minuteMs],
  ['0 23,1 * * *', 120 * minuteMs],
  ['0 3 * * 0', 1440 * minuteMs],
  ['@daily', 1440 * minuteMs],
  ['*/10 * * * * *', 10_000],
  ['* * * * * *', 1000],
])('%s runs every %d ms at the most', (cron, gapMs) => {
  expect(smallestGapMs(cron)).toBe(gapMs)
})
