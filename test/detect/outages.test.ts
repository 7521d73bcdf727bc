import { expect, test } from 'vitest'
import { sampleCheck } from '../support/farms/sample_farm.ts'
import { scriptedFarm, secondsOf } from '../support/farms/scripted_farm.ts'

const lengths = (farm: ReturnType<typeof scriptedFarm>) =>
  farm.only('outage_closed').map((event) => [event.target, secondsOf(event), event.lengthMs / 1000])

test('a single failed request is an outage, from its start to the start of the next success', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 60, (at, target) => (at === 30 && target === 'web02' ? { reason: 'refused' } : undefined))
  farm.play(60)
  expect(lengths(farm)).toEqual([['web02', 30, 5]])
  expect(farm.only('outage_closed')[0]?.failures).toEqual({ refused: 1 })
})

test('an outage is open until the target recovers', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 60, (at, target) => (at >= 30 && target === 'web01' ? { reason: 'refused' } : undefined))
  farm.play(60)
  expect(farm.only('outage_opened').map(secondsOf)).toEqual([30])
  expect(farm.only('outage_closed')).toEqual([])
  expect(farm.monitor.readings(0).openOutages.map(({ target }) => target)).toEqual(['web01'])
})

test('a burst times the end of an outage more finely than the ticks', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 60, (at, target) => (at === 30 && target === 'web01' ? { reason: 'refused' } : undefined))
  for (const at of [30.25, 30.5, 30.75])
    farm.add({ at, target: 'web01', lane: 'burst', ...(at < 30.7 ? { reason: 'refused' } : {}) })
  farm.play(60)
  expect(lengths(farm)).toEqual([['web01', 30, 0.75]])
  expect(farm.only('outage_closed')[0]?.failures).toEqual({ refused: 3 })
})

test('time-outs that overlap and come back after later successes are one outage', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 120, (at, target) =>
    target === 'web01' && at >= 30 && at < 45 ? { reason: 'first_byte_timeout', totalMs: 30_000 } : undefined,
  )
  farm.play(120)
  expect(lengths(farm)).toEqual([['web01', 30, 15]])
  expect(farm.only('outage_closed')[0]?.failures).toEqual({ first_byte_timeout: 3 })
})

test('an answer that was only queued during an outage does not end it', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 90, (at, target) =>
    target === 'web01' && at >= 30 && at < 60 && at !== 40 ? { reason: 'refused' } : undefined,
  )
  farm.play(90)
  expect(lengths(farm).length).toBe(2)
  const queued = scriptedFarm(['web01'])
  queued.ticks(0, 90, (at, target) =>
    target === 'web01' && at >= 30 && at < 60
      ? at === 30
        ? { firstByteMs: 12_000 }
        : { reason: 'refused' }
      : undefined,
  )
  queued.play(90)
  expect(lengths(queued)).toEqual([['web01', 35, 25]])
})

test('the reason of an outage is the one it began with, however late that news comes', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 90, (at, target) => {
    if (target !== 'web01' || at < 30 || at > 40) return undefined
    return at === 30 ? { reason: 'first_byte_timeout', totalMs: 30_000 } : { reason: 'refused' }
  })
  farm.play(90)
  expect(farm.only('outage_closed')).toMatchObject([{ reason: 'first_byte_timeout', lengthMs: 15_000 }])
  expect(farm.only('outage_opened').length).toBe(1)
})

test('a time-out while our own loop was late proves nothing, a 502 does', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 90, (at, target) => {
    if (at !== 30) return undefined
    if (target === 'web01') return { latenessMs: 400, reason: 'first_byte_timeout', totalMs: 3000 }
    return target === 'web02' ? { latenessMs: 400, reason: 'status', status: 502, origin: 'iis' } : undefined
  })
  farm.play(90)
  expect(farm.only('outage_opened').map(({ target }) => target)).toEqual(['web02'])
})

test("an internal error of ours is nobody else's outage", () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 60, (at) => (at === 30 ? { reason: 'internal' } : undefined))
  farm.play(60)
  expect(farm.events).toEqual([])
})

test('two checks of one target have outages of their own', () => {
  const farm = scriptedFarm(['web01'], {
    checks: [sampleCheck(), sampleCheck({ name: 'shop', path: '/shop' })],
  })
  farm.ticks(0, 60, (at, target, { name }) =>
    at === 30 && target === 'web01' && name === 'shop' ? { reason: 'body', status: 200 } : undefined,
  )
  farm.play(60)
  expect(farm.only('outage_closed').map(({ check }) => check)).toEqual(['shop'])
})

test('a wall clock that is set back by an hour does not blind it', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(3600, 3660)
  farm.play(3660)
  farm.ticks(100, 160, (at, target) => (at === 130 && target === 'web01' ? { reason: 'refused' } : undefined))
  farm.play(160)
  expect(lengths(farm)).toEqual([['web01', 130, 5]])
})

test('an outage that began in a maintenance window says so', () => {
  const farm = scriptedFarm(['web01'], { inMaintenance: (atMs) => new Date(atMs).getUTCSeconds() >= 30 })
  farm.ticks(0, 60, (at, target) =>
    target === 'web01' && (at === 20 || at === 40) ? { reason: 'refused' } : undefined,
  )
  farm.play(60)
  expect(farm.only('outage_opened').map(({ maintenance }) => maintenance)).toEqual([false, true])
})

test('an outage ends with the first request that was answered, in whatever order the queued answers come', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 90, (at, target) => {
    if (target !== 'web01') return undefined
    if (at === 30) return { reason: 'status', status: 503 }
    return at === 35 ? { firstByteMs: 7000 } : undefined
  })
  farm.add({ at: 30.25, target: 'web01', lane: 'burst', reason: 'status', status: 503 })
  farm.add({ at: 30.5, target: 'web01', lane: 'burst', firstByteMs: 11_580 })
  farm.play(90)
  expect(lengths(farm)).toEqual([['web01', 30, 0.5]])
})
