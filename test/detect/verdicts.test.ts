import { expect, test } from 'vitest'
import { verdictOf } from '../../src/detect/decide_verdict.ts'
import { sampleCheck } from '../support/farms/sample_farm.ts'
import {
  anOutcome,
  type ScriptedFarm,
  scriptedFarm,
  secondsOf,
  startMs,
} from '../support/farms/scripted_farm.ts'

const told = (farm: ScriptedFarm) => farm.only('verdict').map((event) => [secondsOf(event), event.verdict])
const ok = (target: string) => anOutcome({ at: 0, target })
const bad = (target: string) => anOutcome({ at: 0, target, reason: 'refused' })
const ours = (target: string) => anOutcome({ at: 0, target, reason: 'internal' })
const down = { reason: 'refused' } as const

test('a failing node that the balancer hides is masked', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 60, (at, target) => (target === 'web02' && at >= 20 && at < 40 ? down : undefined))
  farm.play(60)
  expect(told(farm)).toEqual([
    [20, 'masked'],
    [40, 'ok'],
  ])
  expect(farm.only('verdict')[1]?.heldMs).toBe(20_000)
})

test("a failing balancer is its own fault when every node is fine, and the nodes' when some fail", () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 90, (at, target) => {
    if (target === 'balancer') return at >= 20 && at < 60 ? { reason: 'status', status: 502 } : undefined
    return target === 'web01' && at >= 40 && at < 60 ? down : undefined
  })
  farm.play(90)
  expect(told(farm)).toEqual([
    [20, 'balancer_fault'],
    [40, 'node_fault'],
    [60, 'ok'],
  ])
})

test('a farm of which nothing answers is down', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 60, (at) => (at >= 20 && at < 40 ? down : undefined))
  farm.play(60)
  expect(told(farm)).toEqual([
    [20, 'farm_down'],
    [40, 'ok'],
  ])
})

test('a node that still hangs when the balancer gave up is not taken for a fine one', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 40, (at, target) => {
    if (at !== 20) return undefined
    if (target === 'balancer') return { reason: 'status', status: 502, firstByteMs: 3000 }
    return target === 'web02' ? { firstByteMs: 9000 } : undefined
  })
  farm.play(24.5)
  expect(told(farm)).toEqual([[20, 'node_fault']])
  farm.play(40)
  expect(told(farm)).toEqual([
    [20, 'node_fault'],
    [25, 'ok'],
  ])
})

test('a failure is seen though it comes back after later successes', () => {
  const farm = scriptedFarm(['web01', 'web02'], {
    checks: [sampleCheck({ schedule: { kind: 'interval', intervalMs: 1000 } })],
  })
  farm.ticks(0, 40, (at, target) =>
    target === 'balancer' && at === 20 ? { reason: 'status', status: 504, firstByteMs: 3000 } : undefined,
  )
  farm.play(40)
  expect(farm.only('verdict').map(({ verdict }) => verdict)).toEqual(['balancer_fault', 'ok'])
})

test('bursts and sweeps decide no verdict', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 60)
  farm.add(
    { at: 22, target: 'web01', lane: 'burst', ...down },
    { at: 23, target: 'web02', lane: 'sweep', ...down },
  )
  farm.play(60)
  expect(told(farm)).toEqual([])
})

test('the time spent in each verdict adds up to the time watched', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 100, (at, target) => (target === 'web02' && at >= 20 && at < 40 ? down : undefined))
  farm.play(100)
  const [reading] = farm.monitor.readings(startMs + 100_000).verdicts
  expect(reading?.verdict).toBe('ok')
  expect(reading?.spentMs).toMatchObject({ ok: 80_000, masked: 20_000, farm_down: 0 })
})

test('a verdict without proof is unknown, from the third tick on that proves nothing', () => {
  const late = { reason: 'first_byte_timeout', totalMs: 3000, latenessMs: 900 } as const
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 100, (at, target) => {
    if (target === 'web01') return undefined
    return at >= 20 && at < 60 ? late : undefined
  })
  farm.play(100)
  expect(told(farm)).toEqual([
    [30, 'unknown'],
    [60, 'ok'],
  ])
  expect(farm.monitor.readings(startMs + 100_000).verdicts[0]?.spentMs).toMatchObject({ unknown: 30_000 })
})

test('a farm of which nothing was ever proven is unknown, and not well; what is proven counts at once', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 40, (at) =>
    at < 20 ? { reason: 'closed', totalMs: 3000, latenessMs: 1500 } : { reason: 'tls', latenessMs: 1500 },
  )
  farm.play(15)
  expect(farm.monitor.readings(startMs + 15_000).verdicts[0]?.verdict).toBe('unknown')
  farm.play(40)
  expect(told(farm)).toEqual([[20, 'farm_down']])
})

test('a farm that asks for other credentials is never down, has no outage and no incident', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 100, (at) => (at < 20 ? undefined : { reason: 'auth', status: 401 }))
  farm.play(100)
  expect(farm.events.map(({ kind, ...event }) => ('verdict' in event ? event.verdict : kind))).toEqual([
    'unknown',
  ])
})

test('one set of outcomes has a verdict too', () => {
  expect(verdictOf([ok('balancer'), ok('web01')])).toBe('ok')
  expect(verdictOf([ok('balancer'), bad('web01'), ok('web02')])).toBe('masked')
  expect(verdictOf([bad('balancer'), bad('web01'), ok('web02')])).toBe('node_fault')
  expect(verdictOf([bad('balancer'), ok('web01')])).toBe('balancer_fault')
  expect(verdictOf([bad('balancer'), bad('web01')])).toBe('farm_down')
  expect(verdictOf([ours('balancer'), ok('web01')])).toBe('unknown')
  expect(verdictOf([ok('balancer'), ours('web01')])).toBe('ok')
  expect(verdictOf([ours('web01')])).toBe('unknown')
})

test('a node that answered later than the balancer gave up is at fault, though it did answer', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 90, (at, target) => {
    if (at !== 40) return undefined
    if (target === 'balancer') return { reason: 'status', status: 502, firstByteMs: 3000 }
    return target === 'web02' ? { firstByteMs: 4500 } : undefined
  })
  farm.play(90)
  expect(told(farm)).toEqual([
    [40, 'node_fault'],
    [45, 'ok'],
  ])
})
