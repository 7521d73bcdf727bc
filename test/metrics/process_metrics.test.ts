import perfHooks from 'node:perf_hooks'
import { expect, test, vi } from 'vitest'
import { createProcessMetrics } from '../../src/metrics/process_metrics.ts'

test('the delay of the event loop is what a look was late, and looks are rare', async () => {
  using intervals = vi.spyOn(globalThis, 'setInterval')
  const longest = { min: 99.8e6, mean: 101e6, max: 350e6, stddev: 2e6, percentile: () => 100.5e6 }
  const histogram = { ...longest, enable: vi.fn(), reset: vi.fn() }
  using watched = vi.spyOn(perfHooks, 'monitorEventLoopDelay').mockReturnValue(histogram as never)
  const families = await createProcessMetrics()()
  const valueOf = (what: string) =>
    families.find(({ name }) => name === `nodejs_eventloop_lag_${what}_seconds`)?.samples[0]?.value
  expect(watched).toHaveBeenCalledWith({ resolution: 100 })
  expect(intervals.mock.calls.map(([, everyMs]) => everyMs)).toEqual([1000])
  expect(valueOf('min')).toBe(0)
  expect(valueOf('mean')).toBeCloseTo(0.001)
  expect(valueOf('p99')).toBeCloseTo(0.0005)
  expect(valueOf('max')).toBeCloseTo(0.25)
  expect(valueOf('stddev')).toBeCloseTo(0.002)
})
