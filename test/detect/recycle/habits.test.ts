import { expect, test } from 'vitest'
import type { Conclusion } from '../../../src/detect/detector.ts'
import { createDetectors } from '../../../src/detect/detectors.ts'
import { scopeOf } from '../../../src/detect/sample.ts'
import { sampleCheck, sampleFarm } from '../../support/farms/sample_farm.ts'
import { type ScriptedFarm, scriptedFarm } from '../../support/farms/scripted_farm.ts'

const hourMs = 3_600_000
const startMs = Date.UTC(2026, 0, 5)

type Habit = Extract<Conclusion, { kind: 'habit' }>

/** Everything that is said of recycles at these hours. */
function said(recycles: Readonly<Record<string, readonly number[]>>): Habit[] {
  const found: Habit[] = []
  const detectors = createDetectors((event) => {
    habits.onEvent?.(event, event.atMs)
    if (event.kind === 'habit') found.push(event)
  })
  const { habits, recycles: known } = detectors
  const scope = scopeOf(sampleFarm({}, Object.keys(recycles)))
  known.setFarm(scope)
  habits.setFarm(scope)
  const all = Object.entries(recycles).flatMap(([target, hours]) => hours.map((hour) => ({ target, hour })))
  for (const { target, hour } of all.sort((a, b) => a.hour - b.hour)) {
    const atMs = startMs + hour * hourMs
    habits.advance?.(atMs)
    known.add(target, { evidence: 'identity', check: 'home', atMs, untilMs: atMs, confidence: 1 })
  }
  return found
}

const sentences = (found: readonly Habit[]) => found.map(({ sentence }) => sentence)

test('every 29 hours is the default of IIS, and is said once', () => {
  expect(sentences(said({ web03: [3, 32, 61.01, 90, 119, 148] }))).toEqual([
    'web03 recycles every 29h: the IIS default `periodicRestart/time`, which comes five hours later each day and so reaches business hours; recycle at a fixed quiet hour instead',
  ])
})

test('any other constant period is said as it is, though a recycle went unnoticed', () => {
  expect(sentences(said({ web01: [1, 7, 13, 25] }))).toEqual([
    'web01 recycles every 6h: see `periodicRestart/time` of its application pool',
  ])
})

test('the same minute every day is a schedule, also when there is more than one', () => {
  expect(sentences(said({ web01: [3, 27, 51, 75] }))).toEqual([
    'web01 recycles at about 03:00 UTC every day: see `periodicRestart/schedule` of its application pool, and jobs that run then',
  ])
  expect(said({ web01: [3, 10, 27, 34, 51, 58] }).map(({ habit }) => habit)).toContain('clock')
})

test('nodes that recycle at the same moment more than once are said to do so together', () => {
  const found = said({ web01: [5, 40, 90], web02: [5.001, 40, 90.001], web03: [20, 70.5, 100] })
  expect(found.map(({ habit, target }) => [habit, target])).toEqual([['together', 'web01']])
  expect(found[0]?.sentence).toMatch(/^web01 and web02 recycle at the same moment/)
})

test('recycles without any order have no habit', () => {
  expect(said({ web01: [1, 5, 22, 23, 60, 77, 78, 130], web02: [3, 9, 41, 99, 140] })).toEqual([])
})

test('a pool that idles out is recognised by the canary that wakes it', () => {
  const canary = sampleCheck({ canary: true, schedule: { kind: 'interval', intervalMs: 1_800_000 } })
  const farm: ScriptedFarm = scriptedFarm(['web01'], { checks: [canary] })
  farm.ticks(0, 4 * 3600, (at) => ({ lane: 'canary', identity: `worker-${at}`, firstByteMs: 6000 }))
  farm.play(4 * 3600)
  expect(farm.only('recycle').length).toBeGreaterThanOrEqual(6)
  expect(farm.only('habit').map(({ sentence }) => sentence)).toEqual([
    'web01 starts cold after 20m without a request, the IIS default `idleTimeout`: set `idleTimeout` to 0 and `startMode` to AlwaysRunning, with `preloadEnabled` on the application',
  ])
})

test('nodes whose timers make them recycle one after another every 29 hours are no deploy', () => {
  const farm = scriptedFarm(['web01', 'web02'], {
    checks: [sampleCheck({ schedule: { kind: 'interval', intervalMs: 60_000 } })],
  })
  const period = (29 * hourMs) / 1000
  farm.ticks(0, 5 * period, (at, target) => {
    const born = target === 'web01' ? 3600 : 3900
    return target === 'balancer' ? undefined : { identity: `${target}-${Math.floor((at - born) / period)}` }
  })
  farm.play(5 * period)
  expect(farm.only('recycle').length).toBe(10)
  expect(farm.only('deploy').length).toBeLessThanOrEqual(1)
})
