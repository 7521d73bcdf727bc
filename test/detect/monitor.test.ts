import { expect, test } from 'vitest'
import { createMonitor } from '../../src/detect/monitor.ts'
import { sampleCheck, sampleFarm } from '../support/farms/sample_farm.ts'
import { anOutcome, scriptedFarm, startMs } from '../support/farms/scripted_farm.ts'

const refused = { reason: 'refused' } as const

test('a quiet farm has nothing to tell', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 7200)
  expect(farm.play(7200)).toEqual([])
})

test('outcomes of targets and checks it does not know are let pass', () => {
  const monitor = createMonitor(sampleFarm({}, ['web01']))
  expect(monitor.observe(anOutcome({ at: 0, target: 'web09', ...refused }))).toEqual([])
  expect(monitor.observe(anOutcome({ at: 0, target: 'web01', check: 'gone', ...refused }))).toEqual([])
})

test('readings show what is normal and how things stand', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 600, (at, target) => ({ identity: `${target}-${target === 'web02' && at >= 300 ? 2 : 1}` }))
  farm.play(600)
  const readings = farm.monitor.readings(startMs + 600_000)
  expect(readings.baselines.map(({ target }) => target)).toEqual(['balancer', 'web01', 'web02'])
  for (const { baselineMs, highMs } of readings.baselines) {
    expect(baselineMs).toBeGreaterThan(15)
    expect(highMs).toBeLessThan(26)
  }
  expect(readings.lastRecycles).toEqual([{ target: 'web02', atMs: startMs + 300_000 }])
})

test('a reload keeps what it knows of targets that stay', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 600, (at, target) => (target === 'web01' && at >= 590 ? refused : undefined))
  farm.play(600)
  farm.monitor.setFarm(sampleFarm({ checks: [sampleCheck({ timeoutMs: 10_000 })] }, ['web01', 'web03']))
  const readings = farm.monitor.readings(startMs + 600_000)
  expect(readings.openOutages.map(({ target }) => target)).toEqual(['web01'])
  expect(readings.baselines.map(({ target }) => target)).toEqual(['balancer', 'web01'])
  expect(farm.monitor.observe(anOutcome({ at: 600, target: 'web01' }))).toMatchObject([
    { kind: 'outage_closed', lengthMs: 10_000 },
  ])
})

test('a check that asks for something else begins with a new baseline', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 600)
  farm.play(600)
  farm.monitor.setFarm(sampleFarm({ checks: [sampleCheck({ path: '/slow-report' })] }, ['web01']))
  expect(farm.monitor.readings(startMs + 600_000).baselines).toEqual([])
})

test('a snapshot survives JSON and gives the next monitor baselines, open outages and workers', () => {
  const before = scriptedFarm(['web01', 'web02'])
  before.ticks(0, 1200, (at, target) => ({
    identity: `${target}-1`,
    ...(target === 'web01' && at >= 1190 ? refused : {}),
  }))
  before.play(1200)
  const { monitor } = before
  const kept = JSON.parse(JSON.stringify({ state: monitor.state(), baselines: monitor.baselines() }))
  const snapshot = { ...kept, restoredMs: startMs + 1_300_000 }
  const after = createMonitor(sampleFarm({}, ['web01', 'web02']), { snapshot })
  expect(after.readings(startMs + 1_200_000).baselines.length).toBe(3)
  expect(after.observe(anOutcome({ at: 1300, target: 'web01', identity: 'web01-1' }))).toMatchObject([
    { kind: 'outage_closed', target: 'web01', lengthMs: 110_000 },
    { kind: 'incident_closed', snapshot: { impact: 'hidden', node: 'web01', closedMs: startMs + 1_195_002 } },
  ])
  expect(after.observe(anOutcome({ at: 1305, target: 'web02', identity: 'web02-2' }))).toMatchObject([
    { kind: 'verdict', previous: 'masked', verdict: 'ok' },
    { kind: 'recycle', target: 'web02', evidence: 'identity' },
  ])
})

test('a verdict that held goes on to hold after a restart, and its time is not counted twice', () => {
  const before = scriptedFarm(['web01', 'web02'])
  before.ticks(0, 600, (at, target) => (target === 'web01' && at >= 300 ? refused : undefined))
  before.play(600)
  const state: unknown = JSON.parse(JSON.stringify(before.monitor.state()))
  const restoredMs = startMs + 700_000
  const after = createMonitor(sampleFarm({}, ['web01', 'web02']), { snapshot: { restoredMs, state } })
  expect(after.readings(restoredMs + 5000).verdicts).toMatchObject([
    { verdict: 'masked', sinceMs: startMs + 300_000, spentMs: { ok: 0, masked: 5000 } },
  ])
  const events = ['balancer', 'web01', 'web02'].flatMap((target) =>
    after.observe(anOutcome({ at: 710, target })),
  )
  expect(events.filter(({ kind }) => kind === 'verdict')).toMatchObject([
    { verdict: 'ok', previous: 'masked', heldMs: 410_000 },
  ])
})

test('a snapshot of another form is done without', () => {
  const snapshot = { restoredMs: startMs, state: { form: 0, series: 'other' }, baselines: 'none' }
  expect(createMonitor(sampleFarm({}, ['web01']), { snapshot }).readings(startMs)).toMatchObject({
    baselines: [],
    openOutages: [],
  })
})

test('what version 0.1 kept of an open outage, a verdict and recycles is taken over', () => {
  const openedMs = startMs + 100_000
  const outage = {
    openedMs,
    lastFailureMs: openedMs,
    reason: 'refused',
    detail: '',
    failures: { refused: 1 },
  }
  const samples = Array.from({ length: 100 }, (_, index) => index)
  const recycle = {
    evidence: 'identity',
    atMs: startMs,
    untilMs: startMs,
    lastMs: startMs,
    confidence: 0.99,
    tokens: ['web02-1'],
    coldChecks: [],
  }
  const state = {
    form: 1,
    series: [
      { target: 'web01', check: 'home', outage: { kind: 'down', outage } },
      { target: 'web02', check: 'home', outage: { kind: 'up' } },
    ],
    verdicts: [['home', { verdict: 'masked', sinceMs: openedMs }]],
    recycles: [['web02', [recycle]]],
    colds: [],
    habits: { past: [], said: [] },
  }
  const baseline = { ms: samples.map(() => 20), atS: samples.map((second) => startMs / 1000 + second) }
  const baselines = { form: 1, series: [{ target: 'web01', check: 'home', baseline }] }
  const restoredMs = startMs + 200_000
  const monitor = createMonitor(sampleFarm({}, ['web01', 'web02']), {
    snapshot: { restoredMs, state, baselines },
  })
  expect(monitor.readings(restoredMs)).toMatchObject({
    baselines: [{ target: 'web01', check: 'home' }],
    verdicts: [{ verdict: 'masked', sinceMs: openedMs }],
    openOutages: [{ target: 'web01', openedMs }],
    lastRecycles: [{ target: 'web02', atMs: startMs }],
  })
  const events = monitor.observe(anOutcome({ at: 205, target: 'web01' }))
  expect(events).toMatchObject([{ kind: 'outage_closed', lengthMs: 105_000 }])
})

test('probes that were out when the wall clock was set back do not move what is remembered again', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(7200, 7260, (at, target) => (target === 'web01' && at >= 7230 ? refused : undefined))
  farm.play(7260)
  farm.monitor.advance(startMs + 3_660_000)
  const { monitor } = farm
  for (const at of [7250, 7252, 7254]) {
    monitor.observe(anOutcome({ at, target: 'web02', firstByteMs: 1000 * (7270 - at) }))
    monitor.observe(anOutcome({ at: at - 3585, target: 'web02' }))
  }
  expect(monitor.observe(anOutcome({ at: 3680, target: 'web01' }))).toMatchObject([
    { kind: 'outage_closed', atMs: startMs + 3_630_000, lengthMs: 50_000 },
  ])
})

test('a wall clock that is set forward again is followed', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(7200, 7260)
  farm.play(7260)
  farm.monitor.advance(startMs + 3_660_000)
  farm.monitor.advance(startMs + 7_261_000)
  expect(farm.monitor.observe(anOutcome({ at: 7262, target: 'web01', ...refused }))).toMatchObject([
    { kind: 'outage_opened', atMs: startMs + 7_262_000 },
  ])
})

function tellStory() {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 900, (at, target) => {
    if (at === 300 && target === 'web01') return { firstByteMs: 4000 }
    return at === 600 && target === 'balancer' ? { reason: 'status', status: 502 } : undefined
  })
  return farm.play(900).map((event) => ({ ...event, id: '' }))
}

test('the same outcomes tell the same story', () => {
  const story = tellStory()
  expect(story.map(({ kind }) => kind)).toContain('recycle')
  expect(tellStory()).toEqual(story)
})
