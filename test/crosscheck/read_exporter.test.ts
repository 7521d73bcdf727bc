import { expect, test } from 'vitest'
import { type Reading, startReading } from '../../src/crosscheck/read_exporter.ts'
import type { Crosscheck } from '../../src/model/farm.ts'
import { type Clock, systemClock } from '../../src/runtime/clock.ts'
import { startWindowsExporter } from '../support/servers/windows_exporter.ts'

const settings: Crosscheck = {
  exporter: true,
  scheme: 'http',
  port: 1,
  path: '/metrics',
  pools: ['shop'],
  intervalMs: 200,
  timeoutMs: 7777,
  toleranceMs: 0,
  tls: { insecure: false, minVersion: 'TLSv1.2' },
  exceptions: [],
}

/** The real clock, and how long it was asked to wait between readings. */
function watchedClock(): Clock & { readonly waitsMs: readonly number[] } {
  const waitsMs: number[] = []
  return {
    ...systemClock,
    waitsMs,
    after(delayMs, wake) {
      if (delayMs !== settings.timeoutMs) waitsMs.push(delayMs)
      return systemClock.after(delayMs, wake)
    },
  }
}

test('readings keep to a grid of their own, however long one takes', async () => {
  await using exporter = await startWindowsExporter('shop')
  const clock = watchedClock()
  const place = { node: 'web01', host: '127.0.0.1', port: exporter.port, pools: ['shop'], computers: [] }
  const readings: Reading[] = []
  await new Promise<void>((resolve) => {
    const stop = startReading(place, settings, 100, clock, (reading) => {
      readings.push(reading)
      if (readings.length === 4) void stop().then(resolve)
    })
  })
  const [first = 0, ...others] = clock.waitsMs
  expect(first).toBeCloseTo(100, -1)
  for (const waitMs of others) {
    expect(waitMs).toBeGreaterThan(0)
    expect(waitMs).toBeLessThanOrEqual(200)
  }
  const startedMs = readings.map(({ startedMs: atMs }) => atMs)
  expect((startedMs.at(-1) ?? 0) - (startedMs[0] ?? 0)).toBeGreaterThan(590)
  expect(readings.every(({ result }) => typeof result !== 'string')).toBe(true)
})
