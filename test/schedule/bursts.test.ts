import { describe, expect, test } from 'vitest'
import type { Farm } from '../../src/model/farm.ts'
import type { Lane, Outcome } from '../../src/model/outcome.ts'
import {
  advanceBursts,
  type ExtraOrder,
  type Extras,
  forgetTrouble,
  nextBurstMs,
  noExtras,
  observeLong,
  observeOutcome,
  observeOverdue,
} from '../../src/schedule/bursts.ts'
import { sampleCheck, sampleFarm, sampleNode } from '../support/farms/sample_farm.ts'
import { outcomeOf } from '../support/probes/scripted_probe.ts'

const check = sampleCheck({ burst: { intervalMs: 250, forMs: 30_000 } })
const smallFarm = sampleFarm({ checks: [check] })

/** A farm's extra probes through time: outcomes go in, orders come out. */
function follow(farm: Farm = smallFarm) {
  let extras: Extras = noExtras
  const observe = (nowMs: number, target: string, settings: Partial<Outcome> = {}, suspicious = false) => {
    const [first = check] = farm.checks
    const aim = [farm.balancer, ...farm.nodes].find(({ name }) => name === target) ?? farm.balancer
    const order = { farm, check: first, target: aim, lane: 'tick', slotMs: nowMs, lagMs: 0 } as const
    const outcome = { ...outcomeOf(order), ...settings }
    const step = observeOutcome(extras, { farm, check: first, outcome, suspicious }, nowMs)
    extras = step.extras
    return step.orders
  }
  const fail = (nowMs: number, target: string, settings: Partial<Outcome> = {}) =>
    observe(nowMs, target, { reason: 'refused', ...settings })
  const inFlight =
    (observed: typeof observeOverdue) =>
    (nowMs: number, name: string, lane: Lane = 'tick') => {
      const [first = check] = farm.checks
      const target = [farm.balancer, ...farm.nodes].find((each) => each.name === name) ?? farm.balancer
      const step = observed(extras, { farm, check: first, target, lane }, nowMs)
      extras = step.extras
      return step.orders
    }
  /** All burst orders from one moment to another. */
  const advance = (fromMs: number, toMs: number) => {
    const orders: ExtraOrder[] = []
    for (let nowMs = Math.max(fromMs, nextBurstMs(extras)); nowMs <= toMs; nowMs = nextBurstMs(extras)) {
      const step = advanceBursts(extras, nowMs)
      extras = step.extras
      orders.push(...step.orders)
    }
    return orders
  }
  const [long, overdue] = [inFlight(observeLong), inFlight(observeOverdue)]
  return { observe, fail, long, overdue, advance, extras: () => extras }
}

/** How many probes are ordered when a target fails again in the burst that its first failure started. */
function relapse(target: string): number {
  const { fail, observe } = follow()
  fail(1000, target)
  observe(2500, target, { lane: 'burst' })
  return fail(2750, target, { lane: 'burst' }).length
}

const targetsOf = (orders: readonly ExtraOrder[]) => orders.map(({ target }) => target)

describe('what starts it', () => {
  test('a failure starts a sweep of every target, the troubled one included, and a burst a step later', () => {
    const { fail, advance } = follow()
    const swept = fail(1000, 'web02')
    expect(swept.map(({ lane }) => lane)).toEqual(['sweep', 'sweep', 'sweep'])
    expect(targetsOf(swept).sort()).toEqual(['balancer', 'web01', 'web02'])
    expect(advance(1000, 2000).map(({ lane, target, dueMs }) => [lane, target, dueMs])).toEqual([
      ['burst', 'web02', 1250],
      ['burst', 'web02', 1500],
      ['burst', 'web02', 1750],
      ['burst', 'web02', 2000],
    ])
  })

  test('so does a good answer that is suspiciously slow', () => {
    expect(follow().observe(1000, 'web01', { firstByteMs: 9400 }, true)).toHaveLength(3)
  })

  test('so does a probe that is still out when its answer is overdue', () => {
    const { overdue, advance } = follow()
    expect(targetsOf(overdue(1000, 'web02')).sort()).toEqual(['balancer', 'web01', 'web02'])
    expect(advance(1000, 1500).map(({ target, dueMs }) => [target, dueMs])).toEqual([
      ['web02', 1250],
      ['web02', 1500],
    ])
  })

  test('a probe that takes long gets one more beside it, and its burst when it is overdue', () => {
    const { long, overdue, advance } = follow()
    expect(long(1000, 'web02')).toEqual([{ lane: 'burst', check: 'home', target: 'web02', dueMs: 1000 }])
    expect(advance(1000, 5000)).toEqual([])
    expect(overdue(1300, 'web02')).toHaveLength(3)
    expect(long(1400, 'web02')).toEqual([])
  })

  test('a probe of the balancer that takes long starts a sweep: one of the nodes may keep it waiting', () => {
    const { long, advance } = follow()
    expect(targetsOf(long(1000, 'balancer')).sort()).toEqual(['balancer', 'web01', 'web02'])
    expect(advance(1000, 5000)).toEqual([])
  })

  test('probes of a sweep that take long get one more each, or a burst, but cause no other sweep', () => {
    const { long, overdue, advance } = follow()
    expect(targetsOf(long(1000, 'balancer', 'sweep'))).toEqual(['balancer'])
    expect(targetsOf(long(1000, 'web01', 'sweep'))).toEqual(['web01'])
    expect(overdue(1500, 'web01', 'sweep')).toEqual([])
    expect(new Set(targetsOf(advance(1500, 3000)))).toEqual(new Set(['web01']))
  })

  test('probes that are overdue while a burst is on start nothing more', () => {
    const { overdue } = follow()
    overdue(1000, 'web02')
    expect(overdue(6000, 'web02')).toEqual([])
  })

  test.for([
    ['a good answer', {}],
    ['a failure while our own loop was late', { reason: 'first_byte_timeout', latenessMs: 50 }],
  ] as const)('%s starts nothing, and costs nothing', ([, settings]) => {
    const { observe, extras } = follow()
    expect(observe(1000, 'web01', settings)).toEqual([])
    expect(extras()).toBe(noExtras)
  })

  test.for([
    ['a canary check', { ...check, canary: true }],
    ['a check without burst', sampleCheck()],
  ] as const)('%s starts nothing', ([, quiet]) => {
    const { fail, overdue, extras } = follow(sampleFarm({ checks: [quiet] }))
    expect(fail(1000, 'web01')).toEqual([])
    expect(overdue(1000, 'web01')).toEqual([])
    expect(extras()).toBe(noExtras)
  })

  test('a failure met in a sweep starts a burst at once, but no sweep', () => {
    const { fail, advance } = follow()
    expect(fail(1000, 'web01', { lane: 'sweep' })).toEqual([])
    expect(advance(1000, 1100).map(({ target, dueMs }) => [target, dueMs])).toEqual([['web01', 1000]])
  })

  test('a balancer that fails again in its burst is swept again, a node is not', () => {
    expect(relapse('balancer')).toBe(3)
    expect(relapse('web01')).toBe(0)
  })
})

describe('what ends it', () => {
  test('three good answers in a row end a burst', () => {
    const { fail, observe, advance, extras } = follow()
    fail(1000, 'web01')
    observe(1250, 'web01', { lane: 'burst' })
    observe(1500, 'web01', { lane: 'burst' })
    fail(1750, 'web01', { lane: 'burst' })
    for (const nowMs of [2000, 2250]) observe(nowMs, 'web01', { lane: 'burst' })
    expect(nextBurstMs(extras())).toBeLessThan(Number.POSITIVE_INFINITY)
    observe(2500, 'web01')
    expect(advance(2500, 60_000)).toEqual([])
    expect(extras().troubles.size).toBe(0)
  })

  test('a failure that may be our own lateness does not prolong a burst', () => {
    const { fail, observe, extras } = follow()
    fail(1000, 'web01')
    observe(1250, 'web01')
    observe(1500, 'web01')
    fail(1600, 'web01', { reason: 'first_byte_timeout', latenessMs: 50 })
    expect(extras().troubles.size).toBe(1)
    observe(2000, 'web01')
    expect(extras().troubles.size).toBe(0)
  })

  test('a burst ends after 30 s though the trouble goes on, and the same trouble starts no other', () => {
    const { fail, advance } = follow()
    fail(0, 'web01')
    expect(advance(0, 120_000).at(-1)?.dueMs).toBe(29_750)
    for (let nowMs = 35_000; nowMs < 600_000; nowMs += 5000) expect(fail(nowMs, 'web01')).toEqual([])
    expect(advance(35_000, 600_000)).toEqual([])
  })

  test('a trouble that goes on with another reason gets a new burst, one for each reason', () => {
    const { fail, observe, advance } = follow()
    fail(0, 'web01')
    advance(0, 40_000)
    expect(fail(45_000, 'web01', { reason: 'warming' })).toHaveLength(3)
    expect(advance(45_000, 46_000)).toHaveLength(4)
    advance(46_000, 80_000)
    expect(fail(85_000, 'web01', { reason: 'refused' })).toEqual([])
    for (const nowMs of [90_000, 95_000, 100_000]) observe(nowMs, 'web01')
    expect(fail(105_000, 'web01')).toHaveLength(3)
  })
})

describe('what bounds it', () => {
  const bigFarm = sampleFarm({
    checks: [check],
    nodes: Array.from({ length: 200 }, (_, index) => sampleNode(`web${index}`)),
  })

  test('a farm is swept at most once a second', () => {
    const { fail } = follow()
    expect(fail(1000, 'web01')).toHaveLength(3)
    expect(fail(1100, 'web02')).toHaveLength(0)
    expect(fail(2000, 'balancer')).toHaveLength(3)
  })

  test('a farm whose 200 nodes are all overdue at once is asked no more than 40 times a second', () => {
    const { overdue, advance } = follow(bigFarm)
    let extra = 0
    for (let node = 0; node < 200; node++) extra += overdue(0, `web${node}`).length
    expect(extra).toBe(40)
    expect(advance(0, 1000).length).toBeLessThanOrEqual(40)
  })

  test('at most 8 targets of a farm have bursts at once, and together 40 extra probes a second', () => {
    const { fail, advance } = follow(bigFarm)
    let extra = 0
    for (let nowMs = 0; nowMs < 20_000; nowMs += 1000) {
      for (let node = 0; node < 200; node++) extra += fail(nowMs, `web${node}`).length
      extra += advance(nowMs, nowMs + 999).length
    }
    expect(extra).toBeGreaterThan(30 * 20)
    expect(extra).toBeLessThanOrEqual(40 * 21)
    expect(new Set(targetsOf(advance(20_000, 21_000))).size).toBe(8)
  })

  test('a sweep that cannot afford every target takes the balancer and the troubled one, and the others in turn', () => {
    const { fail, observe } = follow(bigFarm)
    const seen = new Set<string>()
    for (let nowMs = 0; nowMs < 60_000; nowMs += 6000) {
      const swept = targetsOf(fail(nowMs, 'web150'))
      expect(swept).toEqual(expect.arrayContaining(['balancer', 'web150']))
      for (const target of swept) seen.add(target)
      for (let good = 1; good <= 3; good++) observe(nowMs + good * 100, 'web150')
    }
    expect(seen.size).toBe(201)
  })

  test('a burst that comes late leaves out what it has missed', () => {
    const { fail, extras } = follow()
    fail(0, 'web01')
    const step = advanceBursts(extras(), 3100)
    expect(step.orders).toHaveLength(1)
    expect(nextBurstMs(step.extras)).toBe(3250)
  })
})

test('troubles of targets that are gone are forgotten, and only those', () => {
  const { fail, extras } = follow()
  fail(0, 'web01')
  fail(0, 'web02')
  const kept = forgetTrouble(extras(), 'home', 'web01')
  expect(targetsOf(advanceBursts(kept, 300).orders)).toEqual(['web02'])
  expect(forgetTrouble(kept, 'home', 'web01')).toBe(kept)
})
