import { getTasks } from 'node-cron'
import { expect, test } from 'vitest'
import { cronSlots } from '../../src/schedule/cron_slots.ts'
import { maintenanceOf } from '../../src/schedule/maintenance_windows.ts'

const at = (text: string) => Date.parse(text)
const sunday = { cron: '0 3 * * 0', timezone: 'Europe/London', durationMs: 3_600_000 }

test('a window is open from its cron minute for its duration, in its own time zone', () => {
  const inMaintenance = maintenanceOf([sunday])
  expect(inMaintenance(at('2026-07-05T01:59:59Z'))).toBe(false)
  expect(inMaintenance(at('2026-07-05T02:00:00Z'))).toBe(true)
  expect(inMaintenance(at('2026-07-05T02:59:59.999Z'))).toBe(true)
  expect(inMaintenance(at('2026-07-05T03:00:00Z'))).toBe(false)
})

test('winter time moves the window with the wall clock of the zone', () => {
  const inMaintenance = maintenanceOf([sunday])
  expect(inMaintenance(at('2026-12-06T02:30:00Z'))).toBe(false)
  expect(inMaintenance(at('2026-12-06T03:30:00Z'))).toBe(true)
})

test('a window longer than a day stays open over midnight, and is found at once by a process that starts in it', () => {
  const inMaintenance = maintenanceOf([{ cron: '0 22 * * 5', timezone: 'UTC', durationMs: 48 * 3_600_000 }])
  expect(inMaintenance(at('2026-07-05T21:00:00Z'))).toBe(true)
  expect(inMaintenance(at('2026-07-05T22:00:00Z'))).toBe(false)
})

test('a clock that jumps back gets the same answers again', () => {
  const inMaintenance = maintenanceOf([sunday])
  expect(inMaintenance(at('2026-07-05T02:30:00Z'))).toBe(true)
  expect(inMaintenance(at('2026-07-06T02:30:00Z'))).toBe(false)
  expect(inMaintenance(at('2026-07-05T02:30:00Z'))).toBe(true)
})

test('a farm without windows is never in maintenance', () => {
  expect(maintenanceOf([])(at('2026-07-05T02:30:00Z'))).toBe(false)
})

test('nothing stays registered with node-cron, however often windows and cron checks are loaded', () => {
  for (let reload = 0; reload < 10; reload++) {
    expect(maintenanceOf([sunday])(at('2026-07-05T02:30:00Z'))).toBe(true)
    cronSlots('0 */4 * * *', 'Europe/London', at('2026-07-05T02:30:00Z'))
  }
  expect(getTasks().size).toBe(0)
})
