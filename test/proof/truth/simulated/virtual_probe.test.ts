import { describe, expect, test } from 'vitest'
import { scenarios } from '../../../../proof/truth/simulated/scenarios.ts'
import { createVirtualFarm, type VirtualFarm } from '../../../../proof/truth/simulated/virtual_probe.ts'
import type { Check, Farm, Target } from '../../../../src/model/farm.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import { dayMs, hourMs, minuteMs } from '../../../../src/runtime/duration.ts'
import { seededRandom } from '../../../../src/runtime/random.ts'
import { demoScenario } from '../../../../src/simulator/demo_farm.ts'
import type { Happening, Scenario } from '../../../../src/simulator/farm/blueprint.ts'
import { app, balancer, check, nodes, pool } from '../../../../src/simulator/farm/blueprint_parts.ts'
import { fixed } from '../../../../src/simulator/farm/chance.ts'
import { at, stillNodes, stillScenario } from '../../../support/farms/still_farm.ts'

/** Probes by offsets from the start. */
function prober(scenario: Scenario, seed = 1) {
  const virtual = createVirtualFarm(scenario, seededRandom(seed))
  const { farm, startMs } = virtual
  const probe = (atMs: number, name = 'web01', checkName = farm.checks[0]?.name): Outcome => {
    const [found] = farm.checks.filter((one) => one.name === checkName) as [Check]
    const [target] = [farm.balancer, ...farm.nodes].filter((one) => one.name === name) as [Target]
    const slotMs = startMs + atMs
    return virtual.respond({ farm, check: found, target, lane: 'tick', slotMs, lagMs: 0 }, slotMs)
  }
  return { ...virtual, probe }
}

/** Every check on all its targets, on time, for so long. */
function run(
  scenario: Scenario,
  forMs: number,
  stepMs: number,
  seed = 1,
): VirtualFarm & { outcomes: Outcome[] } {
  const virtual = createVirtualFarm(scenario, seededRandom(seed))
  const { farm, startMs } = virtual
  const outcomes: Outcome[] = []
  for (let slotMs = startMs; slotMs < startMs + forMs; slotMs += stepMs)
    for (const probed of farm.checks)
      for (const target of targets(farm, probed))
        outcomes.push(
          virtual.respond({ farm, check: probed, target, lane: 'tick', slotMs, lagMs: 0 }, slotMs),
        )
  return { ...virtual, outcomes }
}

const targets = (farm: Farm, { targets }: Check) =>
  [farm.balancer, ...farm.nodes].filter(({ role }) => targets.includes(role))

const recycleAt = (atMs: number, node = 'web01'): Happening => ({
  when: at(atMs),
  nodes: [node],
  what: { kind: 'recycle', cause: 'demand' },
})

describe('outcomes are what the real probe would yield', () => {
  test('of a page', () => {
    const { probe, startMs } = prober(stillScenario({}, { networkMs: 0 }))
    const { identity, ...outcome } = probe(1000)
    expect(outcome).toEqual({
      farm: 'still',
      role: 'node',
      target: 'web01',
      check: 'home',
      id: 'sim-1',
      lane: 'tick',
      slotMs: startMs + 1000,
      startedMs: startMs + 1000,
      lagMs: 0,
      latenessMs: 0,
      reason: 'ok',
      detail: '',
      status: 200,
      phaseMs: { connect: 0, request: 0.05, wait: 20, transfer: 1 },
      totalMs: 21.05,
      firstByteMs: 20,
      address: '10.0.0.11:80',
      bodyBytes: 1999,
    })
    expect(identity).toMatch(/^\d+-[0-9a-z]+$/)
  })

  test("of a balancer's answer: with the node it came from", () => {
    expect(prober(stillScenario()).probe(1000, 'balancer')).toMatchObject({
      servedBy: 'web01',
      role: 'balancer',
      firstByteMs: 21,
    })
  })

  test('of an affinity cookie: 64 digits that differ from node to node', () => {
    const { probe, farm } = prober(stillScenario({}, { servedBy: 'cookie', nodes: stillNodes(2) }))
    expect(farm.servedBy).toEqual({ cookie: 'ARRAffinity' })
    const [one, two] = [probe(1000, 'balancer').servedBy, probe(2000, 'balancer').servedBy]
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(two).not.toBe(one)
  })

  test('of a farm that shows nothing', () => {
    const { probe, farm } = prober(stillScenario({}, { servedBy: 'none', identity: false }))
    expect([farm.checks[0]?.identity, farm.servedBy]).toEqual([undefined, undefined])
    expect(Object.keys(probe(1000, 'balancer'))).not.toContain('identity')
    expect(Object.keys(probe(1000, 'balancer'))).not.toContain('servedBy')
  })

  test('of a gateway error: with its origin, its evidence, and no node', () => {
    const plan = stillScenario({}, { balancer: balancer({ timeoutMs: 3000 }), happenings: [recycleAt(1000)] })
    const { truth, probe } = prober(plan)
    const outcome = probe(2000, 'balancer')
    expect(outcome).toMatchObject({
      reason: 'status',
      status: 502,
      origin: 'iis-gateway',
      bodyBytes: 1477,
      firstByteMs: 3001,
      evidence: { statusText: 'Bad Gateway' },
    })
    expect(outcome.servedBy).toBeUndefined()
    expect(outcome.identity).toBeUndefined()
    expect(truth.at(-1)).toMatchObject({ kind: 'balancer_error', id: outcome.id, status: 502, node: 'web01' })
  })

  test.each([
    ['refused', 'refused', { connect: 0 }, 0],
    ['reset', 'reset', { connect: 0, request: 0.05, wait: 0.5 }, 0.55],
    ['closed', 'closed', { connect: 0, request: 0.05, wait: 0.5 }, 0.55],
    ['garbage', 'protocol', { connect: 0, request: 0.05, wait: 0.5 }, 0.55],
    ['unreachable', 'connect_timeout', { connect: 30_000 }, 30_000],
    ['unanswered', 'first_byte_timeout', { connect: 0, request: 0.05, wait: 29_999.95 }, 30_000],
  ] as const)(
    'of a node that is %s: reason %s, charged to the phase that was running',
    (how, reason, phaseMs, totalMs) => {
      const what = { kind: 'outage', how, forMs: fixed(9000), restarts: false } as const
      const { probe } = prober(stillScenario({}, { happenings: [{ when: at(1000), nodes: 'all', what }] }))
      const outcome = probe(2000)
      expect(outcome).toMatchObject({ reason, status: 0, bodyBytes: 0 })
      expect(Object.keys(outcome.phaseMs)).toEqual(Object.keys(phaseMs))
      for (const [phase, ms] of Object.entries(phaseMs))
        expect(outcome.phaseMs[phase as keyof typeof outcome.phaseMs]).toBeCloseTo(ms, 6)
      expect(outcome.totalMs).toBeCloseTo(totalMs, 6)
      expect(outcome.firstByteMs).toBeUndefined()
    },
  )

  test('of a deadline shorter than a cold start, at the balancer with its truth', () => {
    const checks = [check({ timeoutMs: 2000 })]
    const { probe, truth } = prober(stillScenario({}, { checks, happenings: [recycleAt(1000)] }))
    expect(probe(2000, 'balancer')).toMatchObject({ reason: 'first_byte_timeout', status: 0, totalMs: 2000 })
    expect(truth.at(-1)).toMatchObject({ kind: 'balancer_error', status: 0, cause: 'cold_start' })
  })

  test('of a body that takes longer than the deadline', () => {
    const slow = stillNodes(1).map((node) => ({
      ...node,
      apps: node.apps.map((one) => ({ ...one, latency: { ...one.latency, transferMs: 5000 } })),
    }))
    const plan = stillScenario({}, { nodes: slow, checks: [check({ timeoutMs: 1000 })] })
    expect(prober(plan).probe(1000)).toMatchObject({ reason: 'body_timeout', status: 200, totalMs: 1000 })
  })

  test('of expectations that the page does not meet', () => {
    const { farm, respond, startMs } = createVirtualFarm(stillScenario(), seededRandom(1))
    const [home] = farm.checks as [Check]
    const ask = (expect: Partial<Check['expect']>, body: Partial<Check['expect']['body']> = {}) => {
      const wanted = { ...home.expect, ...expect, body: { ...home.expect.body, ...body } }
      const check = { ...home, expect: wanted }
      return respond({ farm, check, target: farm.balancer, lane: 'tick', slotMs: startMs, lagMs: 0 }, startMs)
        .reason
    }
    expect(ask({})).toBe('ok')
    expect(ask({ status: [[300, 399]] })).toBe('status')
    expect(ask({}, { contains: ['Goodbye'] })).toBe('body')
    expect(ask({}, { notMatch: ['(?i)welcome'] })).toBe('body')
    expect(ask({}, { minBytes: 5000 })).toBe('body')
    expect(ask({}, { maxBytes: 100 })).toBe('too_large')
    expect(ask({ headers: [{ name: 'content-type', pattern: 'json' }] })).toBe('header')
    expect(ask({ warming: { contains: ['Welcome'], match: [] } })).toBe('warming')
  })
})

describe('what lies between prober and farm', () => {
  test('weather slows every target at once, connections included', () => {
    const what = { kind: 'weather', add: fixed(400), loss: 0, forMs: fixed(10_000) } as const
    const { probe, truth } = prober(
      stillScenario({}, { nodes: stillNodes(3), happenings: [{ when: at(10_000), what }] }),
    )
    expect(probe(9000, 'web02').totalMs).toBeCloseTo(21.05)
    for (const name of ['balancer', 'web01', 'web02', 'web03']) {
      const { phaseMs, firstByteMs = 0 } = probe(12_000, name)
      expect(phaseMs.connect).toBeGreaterThan(150)
      expect(firstByteMs).toBeGreaterThan(150)
    }
    expect(probe(20_001, 'web02').totalMs).toBeCloseTo(21.05)
    expect(truth).toMatchObject([{ kind: 'weather', addMs: 400 }])
  })

  test('lost packets are sent again, a second or less later', () => {
    const what = { kind: 'weather', add: fixed(0), loss: 0.5, forMs: fixed(1000_000) } as const
    const { probe } = prober(stillScenario({}, { happenings: [{ when: at(10_000), what }] }))
    const outcomes = Array.from({ length: 100 }, (_, index) => probe(11_000 + index * 1000))
    expect(new Set(outcomes.map(({ phaseMs }) => phaseMs.connect))).toEqual(new Set([0, 1000]))
    expect(new Set(outcomes.map(({ firstByteMs = 0 }) => Math.round(firstByteMs)))).toEqual(
      new Set([20, 320]),
    )
  })

  const stall = [{ when: at(10_000), what: { kind: 'stall', forMs: fixed(2000) } } as const]

  test('what is due while the prober stands still starts late, and is as exact as any', () => {
    const { probe, startMs } = prober(stillScenario({}, { happenings: stall }))
    expect(probe(11_500)).toMatchObject({ startedMs: startMs + 12_000, lagMs: 500, latenessMs: 0 })
    expect(probe(12_000)).toMatchObject({ lagMs: 0, latenessMs: 0 })
  })

  test('what is in flight is noticed at the end of the stall, and so late', () => {
    const { probe } = prober(stillScenario({}, { happenings: stall }))
    const outcome = probe(9_990)
    expect(outcome.latenessMs).toBe(2000)
    expect(outcome.totalMs).toBeCloseTo(2010 + 1, 0)
    expect(probe(9_900 - 0.001 + 100 + 3000).latenessMs).toBe(0)
  })

  test('what ends before the stall is not late', () => {
    expect(prober(stillScenario({}, { happenings: stall })).probe(9_900)).toMatchObject({ latenessMs: 0 })
  })

  test('what outlasts the stall can be off by it but is not longer', () => {
    const happenings = [...stall, recycleAt(8000)]
    const outcome = prober(stillScenario({}, { happenings })).probe(9_000)
    expect(outcome.latenessMs).toBe(2000)
    expect(outcome.firstByteMs).toBeCloseTo(6020, 3)
  })
})

describe('reproducibility', () => {
  const busy = scenarios.everything

  test('the same seed gives the same outcomes and the same truth', () => {
    const [one, two] = [run(busy, 6 * hourMs, 5000, 4), run(busy, 6 * hourMs, 5000, 4)]
    expect(one.outcomes).toEqual(two.outcomes)
    expect(one.truth).toEqual(two.truth)
    expect(one.truth.length).toBeGreaterThan(3)
  })

  test('another seed gives another story', () => {
    expect(run(busy, 6 * hourMs, 60_000, 4).truth).not.toEqual(run(busy, 6 * hourMs, 60_000, 5).truth)
  })

  test('what happens does not depend on how often the farm is probed', () => {
    const kinds = new Set(['recycle', 'outage', 'weather', 'stall', 'deploy'])
    const story = (stepMs: number) =>
      run({ ...busy, users: { perSecond: 0, night: 0 } }, 2 * dayMs, stepMs, 9).truth.filter(
        (event) =>
          kinds.has(event.kind) && !(event.kind === 'recycle' && ['crash', 'deploy'].includes(event.cause)),
      )
    expect(story(60_000)).toEqual(story(5000))
  })

  test('the demo is another one for another seed', () => {
    expect(demoScenario(1)).toEqual(demoScenario(1))
    expect(demoScenario(1)).not.toEqual(demoScenario(2))
  })
})

describe('the named scenarios', () => {
  test.each(Object.entries(scenarios))(
    '%s runs, and its phases never sum up to more than the whole',
    (name, scenario) => {
      const { outcomes, truth } = run(scenario, 12 * hourMs, 5 * minuteMs)
      expect(scenario.name).toBe(name)
      for (const { phaseMs, totalMs } of outcomes)
        expect(Object.values(phaseMs).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(totalMs + 1e-6)
      expect(truth.every(({ atMs }) => Number.isFinite(atMs))).toBe(true)
    },
  )

  test('a quiet farm has nothing to tell', () => {
    const { outcomes, truth } = run(scenarios['warm and quiet'], dayMs, 10_000)
    expect(truth).toEqual([])
    expect(new Set(outcomes.map(({ reason }) => reason))).toEqual(new Set(['ok']))
  })

  test('noise alone makes no failure and no recycle', () => {
    const { outcomes, truth } = run(scenarios['noisy without recycles'], 3 * dayMs, 10_000)
    expect(new Set(outcomes.map(({ reason }) => reason))).toEqual(new Set(['ok']))
    expect(new Set(truth.map(({ kind }) => kind))).toEqual(new Set(['pause', 'weather']))
  })

  test('every balancer error of the truth is the outcome of a probe', () => {
    const { outcomes, truth } = run(scenarios['balancer time-out'], 3 * dayMs, 5000)
    const errors = outcomes.filter(({ role, status }) => role === 'balancer' && status === 502)
    const reported = truth.filter((event) => event.kind === 'balancer_error')
    expect(reported.map(({ id }) => id)).toEqual(errors.map(({ id }) => id))
    expect(reported.length).toBeGreaterThan(5)
  })

  test('the demo shows a 502 within 15 s for nearly every seed', () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed)
    const early = seeds.filter((seed) => {
      const { truth, startMs } = run(demoScenario(seed), 15_000, 1000, seed)
      return truth.some(
        (event) => event.kind === 'balancer_error' && event.atMs + event.firstByteMs < startMs + 15_000,
      )
    })
    expect(early.length).toBeGreaterThanOrEqual(57)
  })
})

test('a year of a farm that nobody probes has all its recycles', () => {
  const plan = stillScenario(
    {},
    { nodes: nodes(4, app({ pool: pool({ recycle: { everyMs: 29 * hourMs } }) })) },
  )
  const virtual = createVirtualFarm({ ...plan, users: { perSecond: 1, night: 0 } }, seededRandom(1))
  virtual.advance(virtual.startMs + 365 * dayMs)
  const recycles = virtual.truth.filter(({ kind }) => kind === 'recycle')
  expect(recycles.length).toBeGreaterThanOrEqual(4 * 301)
  expect(recycles.length).toBeLessThanOrEqual(4 * 303)
})
