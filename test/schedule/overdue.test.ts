import { expect, test } from 'vitest'
import type { Order } from '../../src/model/outcome.ts'
import { every, sampleCheck, sampleFarm } from '../support/farms/sample_farm.ts'
import type { Behaviour } from '../support/probes/scripted_probe.ts'
import { schedule, ticks } from '../support/probes/scripted_schedule.ts'

const check = sampleCheck({ burst: { intervalMs: 250, forMs: 30_000 } })

/** A farm that has been well for a minute; from its next tick on it behaves as `then` says, `atMs` after that tick. */
async function afterAMinute(then: (order: Order, atMs: number) => Behaviour, checks = [check]) {
  let tickMs = Number.POSITIVE_INFINITY
  const scheduled = schedule([sampleFarm({ checks })], (order) =>
    order.slotMs < tickMs ? {} : then(order, order.slotMs - tickMs),
  )
  const { clock, orders } = scheduled
  await clock.advance(60_000)
  const schedule0 = checks[0]?.schedule
  tickMs = (ticks(orders).at(-1)?.slotMs ?? 0) + (schedule0?.kind === 'interval' ? schedule0.intervalMs : 0)
  await clock.advance(tickMs - clock.wallMs() - 1)
  /** The extra probes since the tick, and how long after it they came. */
  const extra = () =>
    orders
      .filter(({ lane, slotMs }) => lane !== 'tick' && slotMs >= tickMs)
      .map(({ lane, target, slotMs }) => [lane, target.name, slotMs - tickMs] as const)
  return { ...scheduled, extra }
}

/** Answers of web01 to whatever is asked before the given time come at that time. */
const coldUntil =
  (untilMs: number) =>
  ({ target }: Order, atMs: number): Behaviour =>
    target.name === 'web01' && atMs < untilMs ? { afterMs: untilMs - atMs } : {}

test('a probe in flight for far longer than usual starts a sweep and a burst while it waits', async () => {
  const { clock, extra, missed } = await afterAMinute(coldUntil(2000))
  await clock.advance(1500)
  const sweptMs = extra()[0]?.[2] ?? 0
  expect(extra().filter(([lane]) => lane === 'sweep')).toEqual([
    ['sweep', 'balancer', sweptMs],
    ['sweep', 'web01', sweptMs],
    ['sweep', 'web02', sweptMs],
  ])
  // Usual are 5 ms: from 105 ms on an answer is slow, and every 10 ms somebody looks.
  expect(sweptMs).toBeGreaterThan(105)
  expect(sweptMs).toBeLessThanOrEqual(120)
  expect(extra().filter(([lane]) => lane === 'burst')).toEqual([['burst', 'web01', sweptMs + 250]])
  expect(missed.size).toBe(0)
})

test('its slow answer starts nothing more: the burst ends when all is as usual', async () => {
  const { clock, extra } = await afterAMinute(coldUntil(2000))
  await clock.advance(4900)
  const all = extra()
  expect(all.filter(([lane]) => lane === 'sweep')).toHaveLength(3)
  expect(all.filter(([, , atMs]) => atMs > 2000).map(([lane, target]) => [lane, target])).toEqual(
    [1, 2, 3].map(() => ['burst', 'web01']),
  )
})

test('an answer that was slow by itself starts nothing more when it comes after the burst', async () => {
  const { clock, extra } = await afterAMinute(({ target, lane }) =>
    target.name === 'web01' && lane === 'tick' ? { afterMs: 3000 } : {},
  )
  await clock.advance(4900)
  expect(extra().filter(([lane]) => lane === 'sweep')).toHaveLength(3)
  expect(Math.max(...extra().map(([, , atMs]) => atMs))).toBeLessThan(1000)
})

test.for([
  { every: 15, share: 1 / 15 },
  { every: 8, share: 0 },
])(
  'of a page of which one answer in $every takes 400 ms, the share $share of the probes gets one more beside them',
  async (page) => {
    const rare = sampleCheck({ burst: { intervalMs: 250, forMs: 30_000 }, ...every(10_000) })
    const asked = new Map<string, number>()
    const { clock, orders } = schedule([sampleFarm({ checks: [rare] })], ({ lane, target: { name } }) => {
      if (lane !== 'tick' || name === 'balancer') return {}
      asked.set(name, (asked.get(name) ?? 0) + 1)
      return (asked.get(name) ?? 0) % page.every === 0 ? { afterMs: 400 } : {}
    })
    await clock.advance(3_600_000)
    const fromMs = clock.wallMs()
    await clock.advance(15 * 8 * 100_000)
    const since = orders.filter(({ slotMs }) => slotMs > fromMs)
    // Far slower than usual would be 720 ms.
    expect(since.filter(({ lane }) => lane === 'sweep')).toHaveLength(0)
    const beside = since.filter(({ lane }) => lane === 'burst')
    const ofNodes = since.filter(({ lane, target }) => lane === 'tick' && target.role === 'node')
    expect(beside.length / ofNodes.length).toBeCloseTo(page.share, 6)
  },
)

test('slow answers start nothing while our own loop is late all the time: so is whatever runs beside it', async () => {
  const { clock, extra } = await afterAMinute(() => ({ afterMs: 150 }))
  for (let beat = 0; beat < 100; beat++) {
    await clock.advance(20)
    clock.block(30)
  }
  expect(extra()).toEqual([])
})

test('a probe that is answered in time starts nothing', async () => {
  const { clock, extra } = await afterAMinute(() => ({ afterMs: 100 }))
  await clock.advance(4900)
  expect(extra()).toEqual([])
})

test('the usual time for connection and handshake is allowed on top of that for an answer', async () => {
  const { clock, orders } = schedule([sampleFarm({ checks: [check] })], () => ({
    afterMs: 400,
    firstByteMs: 5,
    totalMs: 400,
  }))
  await clock.advance(60_000)
  expect(orders.filter(({ lane }) => lane === 'burst')).toEqual([])
})

test('no probe is overdue while too little is known of what is usual', async () => {
  const { clock, orders } = schedule([sampleFarm({ checks: [check] })], () => ({ afterMs: 900 }))
  await clock.advance(15_000)
  expect(orders.filter(({ lane }) => lane === 'burst')).toEqual([])
})

test('a wait is overdue when it is without what our own late loop, or a starved machine, may have added', async () => {
  const { clock, extra } = await afterAMinute(coldUntil(3000))
  await clock.advance(50)
  clock.block(100)
  // 90 ms may be added here, and three times as many on a machine that is starved so.
  await clock.advance(290)
  expect(extra()).toEqual([])
  await clock.advance(60)
  expect(extra()).toHaveLength(3)
})

test.for([
  ['a canary check', { ...check, canary: true }],
  ['a check without burst', sampleCheck()],
] as const)('%s has no overdue probes', async ([, quiet]) => {
  const { clock, orders } = schedule([sampleFarm({ checks: [quiet] })], ({ slotMs }) =>
    slotMs % 60_000 < 5000 ? { afterMs: 3000 } : {},
  )
  await clock.advance(120_000)
  const extra = orders.filter(({ lane }) => lane === 'sweep' || lane === 'burst')
  // A check begins with a sweep, when its first slot is some time away.
  expect(new Set(extra.map(({ slotMs }) => slotMs)).size).toBeLessThanOrEqual(1)
})

test('a farm that is slow as a whole gets no more extra probes than any farm in trouble, and no tick is lost', async () => {
  const busy = sampleCheck({ burst: { intervalMs: 250, forMs: 30_000 }, overlap: 4, ...every(1000) })
  const { clock, extra, missed, orders } = await afterAMinute(() => ({ afterMs: 1800 }), [busy])
  const before = ticks(orders).length
  await clock.advance(10_000)
  expect(extra().length).toBeLessThanOrEqual(40 + 10 * 40)
  // Three targets, of whose four places bursts may take two, each for 1.8 s.
  expect(extra().length).toBeLessThanOrEqual((3 * 2 * 10_000) / 1800 + 3)
  expect(ticks(orders).length - before).toBeGreaterThanOrEqual(10)
  expect(missed.size).toBe(0)
})
