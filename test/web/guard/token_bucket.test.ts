import { expect, test } from 'vitest'
import { createTokenBucket } from '../../../src/web/guard/token_bucket.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

test('a burst passes at once, then one for each interval', async () => {
  const clock = createSimulatedClock()
  const bucket = createTokenBucket({ intervalMs: 100, burst: 3 }, clock)
  const take = () => [bucket.take(), bucket.take(), bucket.take(), bucket.take()]
  expect(take()).toEqual([true, true, true, false])
  await clock.advance(99)
  expect(bucket.take()).toBe(false)
  await clock.advance(1)
  expect(take()).toEqual([true, false, false, false])
  await clock.advance(3_600_000)
  expect(take()).toEqual([true, true, true, false])
})
