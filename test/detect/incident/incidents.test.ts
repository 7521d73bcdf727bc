import { expect, test } from 'vitest'
import type { Conclusion } from '../../../src/detect/detector.ts'
import { createIncidents } from '../../../src/detect/incident/incidents.ts'
import { sampleOf, scopeOf } from '../../../src/detect/sample.ts'
import { endedMs } from '../../../src/model/outcome.ts'
import { every, sampleCheck, sampleFarm } from '../../support/farms/sample_farm.ts'
import {
  anOutcome,
  type Said,
  type ScriptedFarm,
  scriptedFarm,
  secondsOf,
  startMs,
} from '../../support/farms/scripted_farm.ts'

const closedOf = ({ only }: ScriptedFarm) => only('incident_closed').map(({ snapshot }) => snapshot)
const openedOf = ({ only }: ScriptedFarm) => only('incident_opened').map(({ snapshot }) => snapshot)
const seconds = (ms: number | null) => ((ms ?? Number.NaN) - startMs) / 1000

/** web01 and the balancer fail from one second to another, the rest is well. */
function troubled(from: number, to: number, until = 400): ScriptedFarm {
  const farm = scriptedFarm(['web01', 'web02', 'web03'])
  farm.ticks(0, until, (at, target) => {
    if (at < from || at >= to) return undefined
    if (target === 'balancer') return { reason: 'status', status: 502, origin: 'arr', firstByteMs: 30 }
    return target === 'web01' ? { reason: 'refused' } : undefined
  })
  farm.play(until)
  return farm
}

test('one trouble is one incident, with its culprit, cause, share and sentence', () => {
  const farm = troubled(100, 120)
  const [incident, ...others] = closedOf(farm)
  expect(others).toEqual([])
  expect(incident).toMatchObject({
    id: 'intranet-20260105-000140',
    farm: 'intranet',
    impact: 'users',
    maintenance: false,
    checks: ['home'],
    errors: { 502: 4 },
    probes: 4,
    failed: 4,
    failedShare: 1,
    nodes: [{ node: 'web01', cause: 'node_down', errors: 4, failures: 4 }],
    node: 'web01',
    cause: 'node_down',
    summary: 'For 15 s all requests to intranet failed (4 × 502): web01 refused connections.',
    runbook: 'FarmprobeNodeFailing',
    amended: [],
  })
  expect(seconds(incident?.openedMs ?? 0)).toBe(100)
  expect(seconds(incident?.closedMs ?? 0)).toBeCloseTo(115, 0)
  expect(incident?.why[0]?.weight).toBe('strong')
})

test('it is told when it opens, within two seconds, and once when it closes', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300, (at, target) =>
    at >= 100 && at < 120 && target === 'web01' ? { reason: 'refused' } : undefined,
  )
  farm.play(102)
  expect(openedOf(farm)).toMatchObject([{ impact: 'hidden', closedMs: null }])
  farm.play(300)
  expect(farm.only('incident_opened')).toHaveLength(1)
  expect(closedOf(farm)).toMatchObject([
    {
      impact: 'hidden',
      node: 'web01',
      usersMs: null,
      summary: 'For 15 s on intranet, web01 recycled and refused connections; users noticed nothing.',
    },
  ])
})

test('a hidden one that reaches users is told again with that impact, and stays one', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300, (at, target) => {
    if (target === 'web01' && at >= 100 && at < 140) return { reason: 'refused' }
    return target === 'balancer' && at === 130 ? { reason: 'status', status: 502 } : undefined
  })
  farm.play(300)
  expect(openedOf(farm).map(({ impact }) => impact)).toEqual(['hidden', 'users'])
  expect(closedOf(farm)).toMatchObject([{ impact: 'users', errors: { 502: 1 }, probes: 1 }])
})

test('the share is that of the scheduled probes from the first that failed to the last', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300, (at, target) =>
    target === 'balancer' && [100, 105, 120, 130].includes(at)
      ? { reason: 'status', status: 503 }
      : undefined,
  )
  farm.add({ at: 101, target: 'balancer', lane: 'burst', reason: 'status', status: 502 })
  farm.play(300)
  expect(closedOf(farm)).toMatchObject([
    { errors: { 502: 1, 503: 4 }, probes: 7, failed: 4, failedShare: 4 / 7, impact: 'users' },
  ])
})

test.each([
  { gap: 50, incidents: 1 },
  { gap: 65, incidents: 2 },
])('troubles $gap s apart make $incidents, with a minute of quiet', ({ gap, incidents }) => {
  const farm = scriptedFarm(['web01', 'web02'])
  const again = 100 + gap
  farm.ticks(0, 400, (at, target) =>
    target === 'web01' && (at === 100 || at === again) ? { reason: 'refused' } : undefined,
  )
  farm.play(400)
  expect(closedOf(farm)).toHaveLength(incidents)
})

test('one goes on while a check that is asked seldom still fails, and what hangs is waited for', () => {
  const checks = [sampleCheck(every(300_000))]
  const farm = scriptedFarm(['web01', 'web02'], { checks })
  farm.ticks(0, 3000, (at, target) =>
    target === 'web01' && at >= 300 && at <= 1500
      ? { reason: 'first_byte_timeout', totalMs: 30_000 }
      : undefined,
  )
  farm.play(3000)
  const [incident, ...others] = closedOf(farm)
  expect(others).toEqual([])
  expect([seconds(incident?.openedMs ?? 0), seconds(incident?.closedMs ?? 0)]).toEqual([300, 1530])
})

test('with every node down nobody is named, and the farm is', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300, (at, target) => {
    if (at < 100 || at >= 130) return undefined
    return target === 'balancer' ? { reason: 'status', status: 503, firstByteMs: 20 } : { reason: 'refused' }
  })
  farm.play(300)
  expect(closedOf(farm)).toMatchObject([
    {
      node: 'several',
      cause: 'node_down',
      runbook: 'FarmprobeFarmDown',
      summary: 'For 25 s all requests to intranet failed (6 × 503): every node refused connections.',
    },
  ])
})

test('errors that two nodes explain alike are shared among them', () => {
  const farm = scriptedFarm(['web01', 'web02', 'web03'])
  farm.ticks(0, 300, (at, target) => {
    const until = target === 'web01' ? 120 : 124
    if (target === 'web01' || target === 'web02')
      return at >= 100 && at < until ? { firstByteMs: (until - at) * 1000 } : undefined
    if (target === 'web03') return undefined
    return at >= 100 && at < 120
      ? { reason: 'status', status: 502, origin: 'arr', firstByteMs: 3001 }
      : undefined
  })
  farm.play(300)
  const [incident, ...others] = closedOf(farm)
  expect(others).toEqual([])
  expect(incident).toMatchObject({ node: 'several', cause: 'cold_start', confidence: 0.75 })
  expect(incident?.nodes).toContainEqual({ node: 'unknown', cause: 'cold_start', errors: 4, failures: 0 })
  expect(incident?.why).toContainEqual({
    weight: 'fair',
    sentence: "the balancer's errors blamed on one of web01, web02: 4 of 4",
  })
})

test('the balancer is not blamed while an error of it may still turn out to be a node’s', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300, (at, target) =>
    target === 'balancer' && at === 100 ? { reason: 'status', status: 502, firstByteMs: 30 } : undefined,
  )
  farm.play(101)
  expect(openedOf(farm)).toMatchObject([
    { node: 'unknown', summary: expect.stringContaining('(1 × 502): who caused it is not known yet.') },
  ])
})

test('a node that answers another status than is expected is told with it', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300, (at, target) =>
    target === 'web01' && at >= 100 && at < 120 ? { reason: 'status', status: 302 } : undefined,
  )
  farm.play(300)
  expect(closedOf(farm)).toMatchObject([
    { summary: 'For 15 s on intranet, web01 answered 302; users noticed nothing.' },
  ])
})

test('of a node that answered nobody, and why is not known, the cure asks what kept it', () => {
  const told: Conclusion[] = []
  const detector = createIncidents((event) => told.push(event), {
    quietMs: () => 5000,
    inMaintenance: () => false,
  })
  detector.setFarm(scopeOf(sampleFarm()))
  const stall = { kind: 'stall', atMs: startMs, target: 'web01', lengthMs: 2500, probes: 5 } as const
  detector.onEvent?.(stall, startMs + 15_000)
  detector.advance?.(startMs + 16_000)
  expect(told[0]).toMatchObject({
    snapshot: {
      node: 'web01',
      cause: 'unknown',
      runbook: 'FarmprobeNodeFailing',
      cure: expect.stringMatching(/^See what kept the node from answering/),
    },
  })
})

test('events of the trouble carry its id, others none', () => {
  const farm = troubled(100, 120)
  const [incident] = closedOf(farm)
  const told = farm.events.filter(({ kind }) => kind !== 'incident_opened' && kind !== 'incident_closed')
  expect(told.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['outage_opened', 'outage_closed', 'verdict', 'balancer_error']),
  )
  expect(told.map((event) => event.incident)).toEqual(told.map(() => incident?.id))
  expect(farm.only('incident_closed').map(secondsOf)[0]).toBeCloseTo(115, 0)
})

test('a recycle that becomes known after the end amends the incident, and how it was counted stays', () => {
  const told: Conclusion[] = []
  const detector = createIncidents((event) => told.push(event), {
    quietMs: () => 5000,
    inMaintenance: () => false,
  })
  const scope = scopeOf(sampleFarm())
  detector.setFarm(scope)
  const see = (said: Said) => {
    const outcome = anOutcome(said)
    const series = scope.series.get(`${outcome.target}\nhome`)
    if (series !== undefined)
      detector.observe?.(
        sampleOf(outcome, series, scope, () => false),
        endedMs(outcome),
      )
  }
  see({ at: 10, target: 'web01', reason: 'refused' })
  see({ at: 12, target: 'web01' })
  detector.advance?.(startMs + 20_000)
  detector.onEvent?.(
    { kind: 'recycle', atMs: startMs + 10_000, target: 'web01', evidence: 'outage', confidence: 0.9 },
    startMs + 21_000,
  )
  detector.advance?.(startMs + 21_000)
  expect(told).toMatchObject([
    { kind: 'incident_opened' },
    { kind: 'incident_closed', snapshot: { cause: 'node_down', amended: [] } },
    {
      kind: 'incident_closed',
      snapshot: {
        cause: 'node_down',
        amended: ['web01 had a new worker at 00:00:10 UTC, which became known later (90 % sure)'],
      },
    },
  ])
})

/** What WAS wrote of a recycle of web01 that was told at a second. */
const explained = (at: number, late = false) => ({
  kind: 'crosscheck' as const,
  atMs: startMs + at * 1000,
  farm: 'intranet',
  maintenance: false,
  target: 'web01',
  seen: 'both' as const,
  ...(late && { late: 'reason' as const }),
  outside: { atMs: startMs + at * 1000, evidence: 'outage' as const, confidence: 0.9 },
  inside: {
    fromMs: startMs + at * 1000,
    toMs: startMs + at * 1000,
    cause: 'start' as const,
    workers: 1,
    pools: ['shop'],
    was: {
      atMs: startMs + at * 1000,
      id: 5186,
      reason: 'idle' as const,
      what: 'ended by its idle time-out',
    },
  },
})

test('why a worker ended, by WAS, is told with the incident: in its sentence, or as known later', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 400, (at, target) =>
    at >= 100 && at < 120 && target === 'web01' ? { reason: 'refused' } : undefined,
  )
  farm.play(140)
  const [recycle] = farm.only('recycle')
  const at = secondsOf(recycle ?? { atMs: Number.NaN })
  farm.monitor.learn(explained(at))
  farm.play(300)
  expect(closedOf(farm)).toMatchObject([
    {
      cause: 'recycle',
      amended: [],
      summary: expect.stringContaining(
        'web01 recycled and refused connections: ended by its idle time-out (WAS 5186);',
      ),
    },
  ])
  farm.monitor.learn(explained(at, true))
  farm.play(301)
  expect(closedOf(farm).at(-1)?.amended).toEqual([
    'why web01 had a new worker became known later: ended by its idle time-out (WAS 5186)',
  ])
})

test.for([
  { lengthMs: 1900, probes: 5, opens: false },
  { lengthMs: 2500, probes: 2, opens: false },
  { lengthMs: 2500, probes: 3, opens: true },
  { lengthMs: 12_000, probes: 2, opens: true },
])(
  'a stall of $lengthMs ms that $probes probes met opens an incident by itself: $opens',
  ({ opens, ...stall }) => {
    const told: Conclusion[] = []
    const detector = createIncidents((event) => told.push(event), {
      quietMs: () => 5000,
      inMaintenance: () => false,
    })
    detector.setFarm(scopeOf(sampleFarm()))
    detector.onEvent?.({ kind: 'stall', atMs: startMs, target: 'web01', ...stall }, startMs + 15_000)
    detector.advance?.(startMs + 16_000)
    expect(told.map(({ kind }) => kind).includes('incident_opened')).toBe(opens)
  },
)
