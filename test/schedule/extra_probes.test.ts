import { expect, test } from 'vitest'
import { sampleCheck, sampleFarm } from '../support/farms/sample_farm.ts'
import { schedule, ticks } from '../support/probes/scripted_schedule.ts'

const check = sampleCheck({ burst: { intervalMs: 250, forMs: 30_000 } })

test('a failure is followed by a sweep at once and a burst until it is over, which times it to a quarter second', async () => {
  let down = { fromMs: 0, toMs: 0 }
  const { clock, orders, outcomes } = schedule([sampleFarm({ checks: [check] })], ({ target, slotMs }) =>
    target.name === 'web01' && slotMs >= down.fromMs && slotMs < down.toMs ? { reason: 'refused' } : {},
  )
  await clock.advance(10_000)
  const slotMs = (ticks(orders).at(-1)?.slotMs ?? 0) + 5000
  down = { fromMs: slotMs - 100, toMs: slotMs + 1700 }
  await clock.advance(20_000)
  const extra = orders.filter((order) => order.slotMs > slotMs && order.lane !== 'tick')
  const swept = extra
    .filter(({ lane }) => lane === 'sweep')
    .map(({ target, slotMs: at }) => [target.name, at - slotMs])
  expect(swept).toEqual([
    ['balancer', 5],
    ['web01', 5],
    ['web02', 5],
  ])
  const recovered = outcomes.find(
    ({ target, reason, startedMs }) => target === 'web01' && reason === 'ok' && startedMs > slotMs,
  )
  expect((recovered?.startedMs ?? 0) - down.toMs).toBeLessThan(250)
  expect(extra.filter(({ lane }) => lane === 'burst')).toHaveLength(9)
  expect(ticks(orders).every(({ lagMs }) => lagMs === 0)).toBe(true)
})

test('a burst goes on when timers fire a fraction of a millisecond early or late', async () => {
  const { clock, orders } = schedule([sampleFarm({ checks: [check] })], () => ({ reason: 'refused' }))
  for (let step = 0; step < 1000; step++) {
    await clock.advance(19.7)
    clock.block(0.3 + (step % 7) / 10)
  }
  const bursts = orders.filter(({ lane, target }) => lane === 'burst' && target.name === 'web01')
  expect(bursts.length).toBeGreaterThan(70)
})

test('one prober makes no more than 200 extra probes a second, however much is down', async () => {
  const farms = Array.from({ length: 60 }, (_, index) =>
    sampleFarm({ name: `farm${index}`, checks: [check] }),
  )
  const { clock, orders } = schedule(farms, () => ({ reason: 'refused' }))
  await clock.advance(30_000)
  const fromMs = clock.monotonicMs() - 20_000
  const extra = orders.filter(({ lane, atMs }) => lane !== 'tick' && atMs >= fromMs)
  expect(extra.length / 20).toBeGreaterThan(100)
  expect(extra.length / 20).toBeLessThanOrEqual(210)
})

test('a canary check gets neither burst nor sweep', async () => {
  const canary = { ...check, canary: true }
  const { clock, orders } = schedule([sampleFarm({ checks: [canary] })], () => ({ reason: 'refused' }))
  await clock.advance(30_000)
  expect(new Set(orders.map(({ lane }) => lane))).toEqual(new Set(['canary']))
})
