import { expect, test } from 'vitest'
import { aCheck, type ScriptedFarm, scriptedFarm, secondsOf } from '../support/scripted_farm.ts'

const first = (farm: ScriptedFarm) =>
  farm
    .only('first_request')
    .map((event) => [event.target, event.check, secondsOf(event), event.firstByteMs, event.reason])

test('of several probes that queued behind a cold start, the first to ask is the first request', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 600, (at, target) =>
    target === 'web02' && at >= 300 && at < 340 ? { firstByteMs: (340 - at) * 1000 } : undefined,
  )
  farm.play(600)
  expect(first(farm)).toEqual([['web02', 'home', 300, 40_000, 'ok']])
})

test('each check has a first request of its own', () => {
  const farm = scriptedFarm(['web01', 'web02'], {
    checks: [aCheck(), aCheck({ name: 'shop', path: '/shop' })],
  })
  farm.ticks(0, 600, (at, target, { name }) => {
    if (target !== 'web02') return { identity: `${target}-1` }
    const identity = at >= 300 ? 'new' : 'old'
    if (at === 300) return { identity, firstByteMs: name === 'home' ? 3000 : 4500 }
    return { identity }
  })
  farm.play(600)
  expect(first(farm).sort(([, a], [, b]) => String(a).localeCompare(String(b)))).toEqual([
    ['web02', 'home', 300, 3000, 'ok'],
    ['web02', 'shop', 300, 4500, 'ok'],
  ])
})

test('the first request of a worker that was warm when it took over is a quick one', () => {
  const farm = scriptedFarm(['web01'])
  farm.ticks(0, 600, (at) => ({ identity: at >= 300 ? 'new' : 'old', firstByteMs: 21 }))
  farm.play(600)
  expect(first(farm)).toEqual([['web01', 'home', 300, 21, 'ok']])
})

test('a first request that ran into the time-out is told with its reason', () => {
  const farm = scriptedFarm(['web01', 'web02'], { checks: [aCheck({ timeoutMs: 10_000 })] })
  farm.ticks(0, 600, (at, target) => {
    const identity = `${target}-${target === 'web02' && at >= 300 ? 2 : 1}`
    if (target !== 'web02' || at < 300 || at >= 317) return { identity }
    if (317 - at > 10) return { reason: 'first_byte_timeout', totalMs: 10_000 }
    return { identity, firstByteMs: (317 - at) * 1000 }
  })
  farm.play(600)
  expect(first(farm)).toEqual([['web02', 'home', 300, 10_000, 'first_byte_timeout']])
})
