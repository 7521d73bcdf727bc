import { expect, test } from 'vitest'
import { sampleCheck } from '../../support/farms/sample_farm.ts'
import {
  type Said,
  type ScriptedFarm,
  scriptedFarm,
  secondsOf,
  startMs,
} from '../../support/farms/scripted_farm.ts'

const first = (farm: ScriptedFarm) =>
  farm
    .only('first_request')
    .filter(({ userFirst }) => !userFirst)
    .map((event) => [event.target, event.check, secondsOf(event), event.firstByteMs, event.reason])

const waits = [2000, 2180, 2010, 2040, 2020, 1400, 2030]
const recycleOf = (at: number) => Math.floor(at / 300)

const ofUsers = (farm: ScriptedFarm) =>
  farm
    .only('first_request')
    .filter(({ userFirst }) => userFirst)
    .map((event) => [event.target, event.check, event.firstByteMs])

/** An answer of the old worker just before a second: what comes then is the first that the new worker is asked. */
const lastAnswer = (farm: ScriptedFarm, at: number, target: string, said: Partial<Said> = {}) =>
  farm.add({ at: at - 0.05, target, lane: 'sweep', ...said })

test('of several probes that queued behind a cold start, the first to ask is the first request', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 600, (at, target) =>
    target === 'web02' && at >= 300 && at < 340
      ? { firstByteMs: (340 - at) * 1000, traceId: `trace-${at}` }
      : undefined,
  )
  lastAnswer(farm, 300, 'web02')
  farm.play(600)
  expect(first(farm)).toEqual([['web02', 'home', 300, 40_000, 'ok']])
  expect(farm.only('first_request')).toMatchObject([{ traceId: 'trace-300' }])
})

test('though the first to ask is answered last of those that queued, it is the first request', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  const evidence = { statusText: 'Server has been shutdown', headers: [], bodyStart: '' }
  farm.ticks(0, 600, (at, target) => {
    if (target !== 'web02' || at < 300 || at >= 325) return undefined
    if (at === 300) return { reason: 'status', status: 503, evidence }
    return { firstByteMs: (325 - at) * 1000 + (at === 305 ? 300 : 0) }
  })
  lastAnswer(farm, 305, 'web02', { reason: 'status', status: 503, evidence })
  farm.play(600)
  expect(farm.only('recycle').map(({ evidence }) => evidence)).toEqual(['shutdown_notice'])
  expect(first(farm)).toEqual([['web02', 'home', 305, 20_300, 'ok']])
})

test('each check has a first request of its own', () => {
  const farm = scriptedFarm(['web01', 'web02'], {
    checks: [sampleCheck(), sampleCheck({ name: 'shop', path: '/shop' })],
  })
  farm.ticks(0, 600, (at, target, { name }) => {
    if (target !== 'web02') return { identity: `${target}-1` }
    const identity = at >= 300 ? 'new' : 'old'
    if (at === 300) return { identity, firstByteMs: name === 'home' ? 3000 : 4500 }
    return { identity }
  })
  lastAnswer(farm, 300, 'web02', { identity: 'old' })
  farm.play(600)
  expect(first(farm).sort(([, a], [, b]) => String(a).localeCompare(String(b)))).toEqual([
    ['web02', 'home', 300, 3000, 'ok'],
    ['web02', 'shop', 300, 4500, 'ok'],
  ])
})

test('the first request of a worker that was warm when it took over is a quick one', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 600, (at) => ({ identity: at >= 300 ? 'new' : 'old', firstByteMs: 21 }))
  lastAnswer(farm, 300, 'web01', { identity: 'old', firstByteMs: 21 })
  farm.play(600)
  expect(first(farm)).toEqual([['web01', 'home', 300, 21, 'ok']])
})

test('a first request that ran into the time-out is told with its reason', () => {
  const farm = scriptedFarm(['web01', 'web02'], { checks: [sampleCheck({ timeoutMs: 10_000 })] })
  farm.ticks(0, 600, (at, target) => {
    const identity = `${target}-${target === 'web02' && at >= 300 ? 2 : 1}`
    if (target !== 'web02' || at < 300 || at >= 317) return { identity }
    if (317 - at > 10) return { reason: 'first_byte_timeout', totalMs: 10_000 }
    return { identity, firstByteMs: (317 - at) * 1000 }
  })
  lastAnswer(farm, 300, 'web02', { identity: 'web02-1' })
  farm.play(600)
  expect(first(farm)).toEqual([['web02', 'home', 300, 10_000, 'first_byte_timeout']])
})

test('of a canary check, every pause is long enough for a pool to idle out', () => {
  const reports = sampleCheck({
    name: 'reports',
    canary: true,
    targets: ['node'],
    schedule: { kind: 'interval', intervalMs: 60_000 },
  })
  const farm = scriptedFarm(['web01'], { checks: [sampleCheck(), reports] })
  farm.ticks(0, 600, (at, _, { canary }) =>
    canary ? { lane: 'canary', identity: `reports-${at}`, firstByteMs: 2000 } : { identity: 'home' },
  )
  farm.play(600)
  const expected = [60, 120, 180, 240, 300, 360, 420, 480, 540]
  expect(farm.only('recycle').map(secondsOf)).toEqual(expected)
  expect(first(farm)).toEqual(expected.map((at) => ['web01', 'reports', at, 2000, 'ok']))
})

test('a first request is known by its token, also where slow answers have become usual', () => {
  const farm = scriptedFarm(['web01'])
  const evidence = { statusText: 'Server has been shutdown', headers: [], bodyStart: '' }
  farm.ticks(0, 600, (at) => {
    if (at === 300) return { reason: 'status', status: 503, evidence }
    const identity = at > 300 ? 'new' : 'old'
    return at === 305 ? { identity, firstByteMs: 60 } : { identity }
  })
  lastAnswer(farm, 305, 'web01', { reason: 'status', status: 503, evidence })
  farm.play(600)
  expect(first(farm)).toEqual([['web01', 'home', 305, 60, 'ok']])
})

test.each([
  ['of the node itself', { target: 'web01' }],
  ['through the balancer', { target: 'balancer', servedBy: 'web01' }],
])('first requests %s are told after recycles that are announced, however often these come', (_, asked) => {
  const farm = scriptedFarm(['web01', 'web02'])
  const minutes = Array.from({ length: 20 }, (_, index) => 300 + 60 * index)
  const evidence = { statusText: 'Server has been shutdown', headers: [], bodyStart: '' }
  farm.ticks(0, 300)
  for (const at of minutes) {
    farm.add({ at, target: 'web01', reason: 'status', status: 503, origin: 'ancm-inprocess', evidence })
    farm.add({ ...asked, at: at + 0.3, firstByteMs: 6600 })
    farm.ticks(at + 10, at + 60)
  }
  farm.play(300 + 60 * minutes.length)
  expect(farm.only('recycle')).toHaveLength(minutes.length)
  expect(farm.only('first_request').map(({ firstByteMs }) => firstByteMs)).toEqual(minutes.map(() => 6600))
})

test('where a user may have been first, the first probe says how long it took at least', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 600, (at, target) => {
    const identity = `${target}-${target === 'web02' && at >= 300 ? 2 : 1}`
    return target === 'web02' && at === 300 ? { identity, firstByteMs: 1800 } : { identity }
  })
  farm.play(600)
  expect(first(farm)).toEqual([])
  expect(ofUsers(farm)).toEqual([['web02', 'home', 1800]])
})

test('an answer that our own lateness blurs does not make the next one the first', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 600, (at) => ({ identity: at >= 300 ? 'new' : 'old' }))
  lastAnswer(farm, 300, 'web01', { identity: 'old' })
  const blurred = { latenessMs: 2144, firstByteMs: 2144, identity: 'new' }
  farm.add({ at: 299.99, target: 'web01', lane: 'burst', ...blurred })
  farm.play(600)
  expect(first(farm)).toEqual([])
})

test('waits as long as those of earlier first requests are first requests, and parts of them are not', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 2400, (at) => {
    const identity = `w${recycleOf(at)}`
    return at >= 300 && at % 300 === 0
      ? { identity, firstByteMs: waits[recycleOf(at) - 1] ?? 0 }
      : { identity }
  })
  farm.play(2400)
  expect(first(farm).map(([, , , ms]) => ms)).toEqual([2020, 2030])
  expect(ofUsers(farm).map(([, , ms]) => ms)).toEqual([2000, 2180, 2010, 2040, 1400])
})

test.each([
  ['nothing where workers start at the same moment of each interval', () => 400, []],
  ['what a first request takes where workers start at any moment', (nth: number) => 400 * nth, [2020, 2030]],
])('waits that are equally long show %s', (_, leadMs, told) => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 2400, (at) => {
    const recycle = recycleOf(at)
    const identity = `17-${startMs + recycle * 300_000 - leadMs(recycle)}`
    return at >= 300 && at % 300 === 0 ? { identity, firstByteMs: waits[recycle - 1] ?? 0 } : { identity }
  })
  farm.play(2400)
  expect(first(farm).map(([, , , ms]) => ms)).toEqual(told)
})

test('what is delayed like everything else at that time is no first request', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 600, (at, target) => {
    const identity = `${target}-${target === 'web02' && at >= 300 ? 2 : 1}`
    if (at < 285 || at >= 315) return { identity }
    return { identity, firstByteMs: target === 'web02' && at === 300 ? 2400 : 400 }
  })
  lastAnswer(farm, 300, 'web02', { identity: 'web02-1', firstByteMs: 400 })
  farm.play(600)
  expect(first(farm)).toEqual([])
  expect(ofUsers(farm)).toEqual([['web02', 'home', 2400]])
})

test.each([
  ['worked beside the old one', [{ at: 299.99, identity: 'old' }]],
  [
    'had answered another page',
    [
      { at: 299.93, identity: 'old' },
      { at: 299.95, identity: 'new', check: 'report' },
    ],
  ],
])('what a warm worker answers at once is not its first request where it %s', (_, before) => {
  const farm = scriptedFarm(['web01'], {
    checks: [sampleCheck(), sampleCheck({ name: 'report', path: '/report' })],
  })
  farm.ticks(0, 600, (at) => ({ identity: at >= 300 ? 'new' : 'old' }))
  farm.add(...before.map((said) => ({ target: 'web01', ...said })))
  farm.play(700)
  expect(first(farm).filter(([, check]) => check === 'home')).toEqual([])
})

test('of several workers the answer of another proves nothing about the first request of a new one', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 900, (at) => ({ identity: `${(at / 5) % 2}${at >= 600 && (at / 5) % 2 === 0 ? 'new' : ''}` }))
  lastAnswer(farm, 600, 'web01', { identity: '1' })
  farm.play(900)
  expect(farm.only('recycle')).toHaveLength(1)
  expect(first(farm)).toEqual([])
})
