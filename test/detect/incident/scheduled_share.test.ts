import { array, assert, boolean, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { noteFailed, noteGood, share } from '../../../src/detect/incident/scheduled_share.ts'

test('the good ones between the first and the last that failed are counted, in whatever order the answers come', () => {
  const probe = record({ atMs: integer({ min: 0, max: 100_000 }), failed: boolean() })
  assert(
    property(array(probe, { maxLength: 60 }), (probes) => {
      const recent: number[] = []
      const counted = share.empty()
      for (const { atMs, failed } of probes)
        if (failed) noteFailed(recent, counted, atMs)
        else noteGood(recent, [counted], atMs, 100_000)
      const failures = probes.filter(({ failed }) => failed).map(({ atMs }) => atMs)
      const [firstMs, lastMs] = [Math.min(...failures), Math.max(...failures)]
      const good = probes.filter(({ atMs, failed }) => !failed && atMs >= firstMs && atMs <= lastMs)
      expect([counted.failed, counted.good]).toEqual([failures.length, good.length])
    }),
  )
})

test('those that are too many, or too old, to be remembered one by one are counted all the same', () => {
  const recent: number[] = []
  const counted = share.empty()
  noteFailed(recent, counted, 0)
  for (let atMs = 100; atMs <= 500_000; atMs += 100) noteGood(recent, [counted], atMs, atMs)
  noteFailed(recent, counted, 500_050)
  expect(counted).toMatchObject({ failed: 2, good: 5000 })
  expect(recent.length).toBeLessThanOrEqual(1024)
})
