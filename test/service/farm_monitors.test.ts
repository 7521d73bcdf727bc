import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import { minuteMs } from '../../src/runtime/duration.ts'
import { startFarmMonitors } from '../../src/service/farm_monitors.ts'
import { sampleFarm, sampleOutcome } from '../support/farms/sample_farm.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

function monitoring() {
  const clock = createSimulatedClock()
  const events: FarmEvent[] = []
  const farm = sampleFarm()
  const metrics = createMetrics({ clock, version: 'test' })
  metrics.setFarms([farm])
  const monitors = startFarmMonitors({ metrics, clock, onEvent: (event) => events.push(event) })
  monitors.setFarms([farm])
  return { clock, monitors, kinds: () => events.map(({ kind }) => kind) }
}

test('declared maintenance lasts as long as was meant though the wall clock is set back', async () => {
  const { clock, monitors, kinds } = monitoring()
  monitors.declareMaintenance('intranet', 10 * minuteMs)
  await clock.advance(minuteMs)
  clock.jumpWall(-60 * minuteMs)
  await clock.advance(8 * minuteMs)
  expect(monitors.inMaintenance('intranet')).toBe(true)
  await clock.advance(2 * minuteMs)
  expect(monitors.inMaintenance('intranet')).toBe(false)
  expect(kinds()).toEqual(['maintenance', 'maintenance'])
})

test('a farm that is gone is neither watched nor known', async () => {
  const { clock, monitors, kinds } = monitoring()
  monitors.setFarms([])
  monitors.observe(sampleOutcome({ startedMs: clock.wallMs(), reason: 'refused', status: 0 }))
  await clock.advance(minuteMs)
  expect(monitors.readings('intranet')).toBeUndefined()
  expect(monitors.declareMaintenance('intranet', minuteMs)).toBe(false)
  expect(kinds()).toEqual([])
})
