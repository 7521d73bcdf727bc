import { expect, test } from 'vitest'
import type { Farm } from '../../src/model/farm.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import {
  anOutcome,
  type Said,
  type ScriptedFarm,
  scriptedFarm,
  secondsOf,
  startMs,
} from '../support/farms/scripted_farm.ts'

const three = ['web01', 'web02', 'web03']
const affinity: Partial<Farm> = { affinity: { cookie: 'ARRAffinity' }, servedBy: { header: 'X-Node' } }
const badGateway: Partial<Said> = { reason: 'status', status: 502, origin: 'iis-gateway', firstByteMs: 3 }

type Except = (at: number, target: string) => Partial<Said> | undefined

/** Ticks of everything for 200 s; names of nodes through the balancer begin with `>`. */
function played(except: Except, untilSeconds = 400): ScriptedFarm {
  const farm = scriptedFarm(three, { farm: affinity })
  farm.ticks(0, untilSeconds, (at, target) => except(at, target))
  for (let at = 0; at < untilSeconds; at += 5)
    for (const target of three) farm.add({ at, target, role: 'through', ...except(at, `>${target}`) })
  farm.play(untilSeconds)
  return farm
}

const within = (at: number, from: number, to: number) => at >= from && at <= to
const linksOf = (farm: ScriptedFarm) =>
  farm.only('link').map(({ target, state, previous, failures }) => ({ target, state, previous, failures }))

test('a node that fails through the balancer alone, while all answer directly, is cut off from it', () => {
  const farm = played((at, target) => (target === '>web02' && within(at, 100, 140) ? badGateway : undefined))
  expect(linksOf(farm)).toEqual([
    { target: 'web02', state: 'failing', previous: 'ok', failures: { 502: 2 } },
    { target: 'web02', state: 'ok', previous: 'failing', failures: { 502: 9 } },
  ])
  const [begins, ends] = farm.only('link')
  expect(begins && secondsOf(begins)).toBe(100)
  expect(ends?.lengthMs).toBe(45_000)
})

test('its incident says so, though no probe without a cookie failed', () => {
  const farm = played((at, target) => (target === '>web02' && within(at, 100, 240) ? badGateway : undefined))
  const closed = farm.only('incident_closed')
  expect(closed).toHaveLength(1)
  expect(closed[0]?.snapshot).toMatchObject({
    impact: 'users',
    node: 'web02',
    cause: 'link',
    errors: { 502: 29 },
    summary:
      'For 2 min 20 s requests to intranet failed (29 × 502): the balancer could not reach web02, which answered directly.',
    runbook: 'LinkFailing',
  })
})

test('errors of the balancer meanwhile are attributed to the link', () => {
  const farm = played((at, target) => {
    const isCut = target === '>web02' || (target === 'balancer' && at % 15 === 0)
    return isCut && within(at, 100, 140) ? badGateway : undefined
  })
  const blamed = farm.only('balancer_error').map(({ node, cause }) => `${node} ${cause}`)
  expect(blamed).toEqual(['web02 link', 'web02 link', 'web02 link'])
  expect(farm.only('incident_closed').map(({ snapshot }) => [snapshot.node, snapshot.cause])).toEqual([
    ['web02', 'link'],
  ])
})

test.each<[string, Except]>([
  [
    'fails by itself, too',
    (at, target) => (target.endsWith('web02') && within(at, 100, 140) ? badGateway : undefined),
  ],
  [
    'is slow by itself',
    (at, target) => {
      if (!within(at, 100, 140)) return undefined
      return target === '>web02' ? badGateway : target === 'web02' ? { firstByteMs: 4000 } : undefined
    },
  ],
  [
    'fails as everybody does through the balancer',
    (at, target) =>
      (target.startsWith('>') || target === 'balancer') && within(at, 100, 140) ? badGateway : undefined,
  ],
  ['fails once', (at, target) => (target === '>web02' && at === 100 ? badGateway : undefined)],
  [
    'answers with wrong content',
    (at, target) =>
      target === '>web02' && within(at, 100, 140) ? { reason: 'body', status: 200 } : undefined,
  ],
])('a node that %s is not called cut off', (_how, except) => {
  expect(linksOf(played(except))).toEqual([])
})

test('a cookie that leads elsewhere for a minute is told, and when it leads home again', () => {
  const farm = played((at, target) =>
    target === '>web02' && within(at, 100, 200) ? { elsewhere: 'web01' } : undefined,
  )
  expect(linksOf(farm)).toEqual([
    { target: 'web02', state: 'elsewhere', previous: 'ok', failures: {} },
    { target: 'web02', state: 'ok', previous: 'elsewhere', failures: {} },
  ])
  expect(farm.only('incident_opened')).toEqual([])
})

test('a node that is down is replaced by design: that its clients go elsewhere is not told', () => {
  const farm = played((at, target) => {
    if (!within(at, 100, 200)) return undefined
    if (target === 'web02') return { reason: 'refused' }
    return target === '>web02' ? { elsewhere: 'web01' } : undefined
  })
  expect(linksOf(farm)).toEqual([])
})

test('a balancer that marks the cut off node as down sends its clients elsewhere, and the incident ends', () => {
  const farm = played((at, target) => {
    if (target !== '>web02' || !within(at, 100, 250)) return undefined
    return at < 130 ? badGateway : { elsewhere: 'web03' }
  })
  expect(linksOf(farm).map(({ state, previous }) => `${previous} > ${state}`)).toEqual([
    'ok > failing',
    'failing > elsewhere',
    'elsewhere > ok',
  ])
  const [closed] = farm.only('incident_closed')
  expect(closed && secondsOf(closed)).toBeCloseTo(125, 0)
})

test('readings tell of every node whose cookie is known', () => {
  const farm = scriptedFarm(three, { farm: affinity })
  farm.ticks(0, 10)
  farm.add({ at: 5, target: 'web01', role: 'through' })
  farm.play(10)
  expect(farm.monitor.readings(startMs + 10_000).links).toEqual([
    { target: 'web01', state: 'ok', okMs: startMs + 5000, sinceMs: null },
  ])
})

test('a probe through the balancer changes nothing of what is known of the node and of the balancer', () => {
  const without = played(() => undefined)
  const outcomes: Outcome[] = [
    anOutcome({ at: 390, target: 'web02', role: 'through', reason: 'first_byte_timeout' }),
    anOutcome({ at: 391, target: 'web02', role: 'through', ...badGateway }),
  ]
  const before = without.monitor.readings(startMs + 400_000)
  const events = outcomes.flatMap((outcome) => without.monitor.observe(outcome))
  const { links: _, ...after } = without.monitor.readings(startMs + 400_000)
  expect(events).toEqual([])
  expect({ ...before, links: undefined }).toEqual({ ...after, links: undefined })
})
