import { expect, test } from 'vitest'
import { sampleCheck } from '../../support/farms/sample_farm.ts'
import { type ScriptedFarm, scriptedFarm, secondsOf } from '../../support/farms/scripted_farm.ts'

const stalls = (farm: ScriptedFarm) =>
  farm.only('stall').map((event) => [event.target, secondsOf(event), event.lengthMs, event.probes])

const two = ['web01', 'web02']

/** A node that answers nobody from 300 s to 302 s: a tick and bursts wait for it. */
function pausing(scatterMs = 0) {
  const farm = scriptedFarm(two)
  farm.ticks(0, 300)
  for (const [index, at] of [300, 300.25, 300.5, 300.75].entries())
    farm.add({
      at,
      target: 'web01',
      lane: index === 0 ? 'tick' : 'burst',
      firstByteMs: 2000 - (at - 300) * 1000 + (3 - index) * scatterMs,
    })
  farm.add({ at: 300, target: 'web02' })
  farm.ticks(305, 400)
  return farm
}

test.each([0, 100, 180])('probes released %i ms after one another met one stall', (scatterMs) => {
  const farm = pausing(scatterMs)
  farm.play(400)
  expect(stalls(farm)).toEqual([['web01', 300, 2002, 4]])
})

test('a single slow answer is no stall', () => {
  const farm = scriptedFarm(two)
  farm.ticks(0, 600, (at, target) => (target === 'web01' && at === 300 ? { firstByteMs: 4000 } : undefined))
  farm.play(600)
  expect(stalls(farm)).toEqual([])
})

test('stalls that follow one another are each told, though no answer between them is quick', () => {
  const farm = scriptedFarm(two)
  farm.ticks(0, 300)
  const waits = (at: number, untilS: number) =>
    farm.add({ at, target: 'web01', lane: 'burst', firstByteMs: (untilS - at) * 1000 })
  for (const at of [300, 300.25]) waits(at, 301)
  // Bad weather: slow answers, one after the other.
  for (const at of [300.9, 301.2, 301.5, 301.8]) waits(at, at + 0.4)
  for (const at of [302.1, 302.3, 302.4]) waits(at, 303.5)
  farm.ticks(305, 400)
  farm.play(400)
  expect(stalls(farm).map(([, at, lengthMs]) => [at, lengthMs])).toEqual([
    [300, expect.closeTo(1000, -1)],
    [302.202, expect.closeTo(1300, -1)],
  ])
})

test('refused connections are a stall, from the first to the last of them', () => {
  const farm = scriptedFarm(two)
  farm.ticks(0, 600, (at, target) =>
    target === 'web01' && at >= 300 && at <= 320 ? { reason: 'refused' } : undefined,
  )
  farm.play(600)
  expect(stalls(farm)).toMatchObject([['web01', 300, expect.closeTo(20_000, -2), 5]])
})

test('waits of our own making are no stall', () => {
  const farm = scriptedFarm(two)
  farm.ticks(0, 300)
  for (const [index, at] of [300, 300.25, 300.5].entries())
    farm.add({
      at,
      target: 'web01',
      lane: index === 0 ? 'tick' : 'burst',
      firstByteMs: 2000 - (at - 300) * 1000,
      latenessMs: 1900,
    })
  farm.ticks(305, 400)
  farm.play(400)
  expect(stalls(farm)).toEqual([])
})

test('an outage of hours is one stall of its whole length, though few of its failures are remembered', () => {
  const farm = scriptedFarm(two)
  farm.ticks(0, 12_000, (at, target) =>
    target === 'web01' && at >= 300 && at < 300 + 2 * 3600 ? { reason: 'refused' } : undefined,
  )
  farm.play(12_000)
  expect(stalls(farm)).toMatchObject([['web01', 300, expect.closeTo(7_195_000, -2), 1440]])
})

test.each(['dns', 'tls', 'internal', 'protocol'] as const)(
  'failures for the reason %s are no stall',
  (reason) => {
    const farm = scriptedFarm(two)
    farm.ticks(0, 600, (at) => (at >= 300 && at < 400 ? { reason } : undefined))
    farm.play(600)
    expect(stalls(farm)).toEqual([])
  },
)

test('a node that goes on refusing one check while it answers another is followed until it answers', () => {
  const farm = scriptedFarm(two, { checks: [sampleCheck(), sampleCheck({ name: 'shop', path: '/shop' })] })
  farm.ticks(0, 900, (at, target, { name }) =>
    target === 'web01' && name === 'shop' && at >= 300 && at < 700 ? { reason: 'refused' } : undefined,
  )
  farm.play(900)
  expect(stalls(farm)).toMatchObject([['web01', 300, expect.closeTo(395_000, -2), 80]])
})

const pages = { checks: [sampleCheck(), sampleCheck({ name: 'report', path: '/report' })] }
const reportsTake =
  (ms: number) =>
  (_: number, __: string, { name }: { name: string }) =>
    name === 'report' ? { firstByteMs: ms } : undefined

test('a slow page that two ask for at once is none, and no page that takes a little longer than usual is', () => {
  const farm = scriptedFarm(two, pages)
  farm.ticks(0, 600, reportsTake(600))
  for (const lane of ['tick', 'burst'] as const)
    farm.add({ at: 601, target: 'web01', check: 'report', lane, firstByteMs: 800 })
  farm.ticks(605, 700, reportsTake(600))
  farm.play(700)
  expect(stalls(farm)).toEqual([])
})

test('a page that takes several seconds for two while another one is answered is none', () => {
  const farm = scriptedFarm(two, pages)
  farm.ticks(0, 600, reportsTake(600))
  for (const at of [601, 601.25])
    farm.add({ at, target: 'web01', check: 'report', lane: 'burst', firstByteMs: 3000 - (at - 601) * 1000 })
  for (const at of [602, 603.9]) farm.add({ at, target: 'web01', lane: 'burst' })
  farm.ticks(605, 700, reportsTake(600))
  farm.play(700)
  expect(stalls(farm)).toEqual([])
})

test('what waits ends with the first of its checks that is answered, and begins when our own lateness leaves no doubt', () => {
  const farm = scriptedFarm(two, pages)
  farm.ticks(0, 600, reportsTake(600))
  farm.add({ at: 601, target: 'web01', check: 'report', lane: 'burst', firstByteMs: 2700, latenessMs: 300 })
  farm.add({ at: 601.5, target: 'web01', lane: 'burst', firstByteMs: 1500 })
  farm.ticks(605, 700, reportsTake(600))
  farm.play(700)
  expect(stalls(farm)).toEqual([['web01', 601.3, 1702, 2]])
})
