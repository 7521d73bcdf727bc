import { expect, test } from 'vitest'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import { minuteMs } from '../../src/runtime/duration.ts'
import { startFarmMonitors } from '../../src/service/farm_monitors.ts'
import { sampleFarm, sampleOutcome } from '../support/farms/sample_farm.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

type Kept = Map<string, Partial<Record<'state' | 'baselines' | 'maintenance', unknown>>>

/** `kept`: by an earlier start. */
function monitoring(kept: Kept = new Map()) {
  const clock = createSimulatedClock()
  const events: FarmEvent[] = []
  const farm = sampleFarm()
  const metrics = createMetrics({ clock, version: 'test' })
  metrics.setFarms([farm])
  const monitors = startFarmMonitors({
    metrics,
    clock,
    onEvent: (event) => events.push(event),
    memory: {
      known: () => kept,
      keep: (name, part, take) => kept.set(name, { ...kept.get(name), [part]: take() }),
    },
  })
  if (kept.size === 0) monitors.setFarms([farm])
  return {
    clock,
    kept,
    monitors,
    kinds: () => events.map(({ kind }) => kind),
    incidents: () => events.filter((event) => 'snapshot' in event),
  }
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

test('an incident of a farm that is removed ends and says so, also when that is noticed at the next start', async () => {
  const { clock, kept, monitors, incidents } = monitoring()
  for (const target of ['balancer', 'web01'])
    monitors.observe(
      sampleOutcome({
        role: target === 'balancer' ? 'balancer' : 'node',
        target,
        startedMs: clock.wallMs(),
        status: 502,
        reason: 'status',
      }),
    )
  await clock.advance(2000)
  expect(incidents().map(({ kind }) => kind)).toEqual(['incident_opened'])
  monitors.stop()
  const next = monitoring(kept)
  next.monitors.setFarms([])
  monitors.setFarms([])
  for (const ended of [incidents().at(-1), next.incidents().at(-1)])
    expect(ended).toMatchObject({
      kind: 'incident_closed',
      snapshot: {
        closedMs: expect.any(Number),
        summary: expect.stringMatching(/; then the farm was removed from the configuration\.$/),
      },
    })
})
