import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/model/outcome.ts'
import { createScheduler } from '../../src/schedule/scheduler.ts'
import { every, sampleCheck, sampleFarm, sampleNode } from '../support/farms/sample_farm.ts'
import { gaps, schedule, ticks } from '../support/probes/scripted_schedule.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'

/** Where in the interval four farms have their slots. */
async function placesOf(startMs: number) {
  const farms = ['a', 'b', 'c', 'd'].map((name) => sampleFarm({ name }))
  const { clock, orders } = schedule(farms, undefined, startMs)
  await clock.advance(5000)
  const found = new Map(ticks(orders).map(({ farm, slotMs }) => [farm.name, slotMs % 5000]))
  return ['a', 'b', 'c', 'd'].map((name) => found.get(name))
}

describe('the grid', () => {
  test('a slot comes every interval, and the balancer and all nodes are probed in the same tick', async () => {
    const { clock, orders } = schedule([sampleFarm()])
    await clock.advance(25_000)
    expect(gaps(ticks(orders))).toEqual([5000, 5000, 5000, 5000])
    const [first] = ticks(orders)
    const together = orders.filter(({ lane, slotMs }) => lane === 'tick' && slotMs === first?.slotMs)
    expect(together.map(({ target }) => target.name)).toEqual(['balancer', 'web01', 'web02'])
    expect(new Set(together.map(({ atMs }) => atMs)).size).toBe(1)
  })

  test('farms have their own place in the interval, the same after every start', async () => {
    const places = await placesOf(Date.UTC(2026, 0, 1))
    expect(new Set(places).size).toBe(4)
    expect(await placesOf(Date.UTC(2026, 0, 9, 1, 2, 3, 456))).toEqual(places)
  })

  test('a late start is measured and does not shift the slots after it', async () => {
    const { clock, orders } = schedule([sampleFarm()])
    await clock.advance(10_000)
    const before = ticks(orders).at(-1)?.slotMs ?? 0
    const toNext = before + 5000 - clock.wallMs()
    await clock.advance(toNext - 100)
    clock.block(400)
    await clock.advance(5000)
    const [late, next] = ticks(orders).slice(-2)
    expect(late).toMatchObject({ slotMs: before + 5000, lagMs: 300 })
    expect(next).toMatchObject({ slotMs: before + 10_000, lagMs: 0 })
  })

  test('slots that passed while the loop was blocked are missed, once for each target, and the present one is run', async () => {
    const { clock, orders, missed } = schedule([sampleFarm()])
    await clock.advance(10_000)
    const before = ticks(orders).at(-1)?.slotMs ?? 0
    clock.block(before + 15_000 + 1000 - clock.wallMs())
    await clock.advance(10_000)
    expect(Object.fromEntries(missed)).toEqual({ balancer: 2, web01: 2, web02: 2 })
    expect(
      ticks(orders)
        .slice(-3)
        .map(({ slotMs }) => slotMs - before),
    ).toEqual([15_000, 20_000, 25_000])
    expect(ticks(orders).at(-3)?.lagMs).toBe(1000)
  })

  test.for([
    ['forward by an hour', 3_600_000],
    ['back by an hour', -3_600_000],
    ['forward by 3 minutes', 180_000],
    ['back by a day', -86_400_000],
  ] as const)('when the wall clock is set %s, no slot is skipped, doubled or rushed', async ([, jumpMs]) => {
    const { clock, orders, missed } = schedule([sampleFarm()])
    await clock.advance(20_000)
    clock.jumpWall(jumpMs)
    await clock.advance(20_000)
    const starts = ticks(orders) as typeof orders
    expect(starts.slice(1).map(({ atMs }, index) => atMs - (starts[index]?.atMs ?? 0))).toEqual(
      starts.slice(1).map(() => 5000),
    )
    expect(gaps(starts).filter((gap) => gap !== 5000)).toEqual([5000 + jumpMs])
    expect(missed.size).toBe(0)
  })

  test.for([
    { size: 16, intervalMs: 5000, tookMs: 0 },
    { size: 41, intervalMs: 5000, tookMs: 40 },
    { size: 201, intervalMs: 1000, tookMs: 200 },
    { size: 1000, intervalMs: 1000, tookMs: 249 },
  ])(
    '$size targets every $intervalMs ms are probed within $tookMs ms of their slot, each in its own time',
    async ({ size, intervalMs, tookMs }) => {
      const nodes = Array.from({ length: size - 1 }, (_, index) => sampleNode(`web${index}`))
      const farm = sampleFarm({ nodes, checks: [sampleCheck(every(intervalMs))] })
      const { clock, orders, missed } = schedule([farm], () => ({ afterMs: 50 }))
      await clock.advance(4 * intervalMs)
      const [first, second] = ticks(orders, 'web0')
      const slot = orders.filter(({ slotMs }) => slotMs === first?.slotMs)
      expect(slot).toHaveLength(size)
      expect(Math.floor((slot.at(-1)?.atMs ?? 0) - (slot[0]?.atMs ?? 0))).toBe(tookMs)
      expect(Math.max(...slot.map(({ lagMs }) => lagMs))).toBeLessThan(1)
      expect(missed.size).toBe(0)
      // Every target keeps its own place from slot to slot.
      const next = orders.filter(({ slotMs }) => slotMs === second?.slotMs)
      expect(next.map(({ target }) => target.name)).toEqual(slot.map(({ target }) => target.name))
      expect((next.at(-1)?.atMs ?? 0) - (slot.at(-1)?.atMs ?? 0)).toBeCloseTo(intervalMs, 6)
    },
  )

  test('with more to do than there is time, slots are missed and counted, and lateness does not grow', async () => {
    const farms = Array.from({ length: 20 }, (_, index) =>
      sampleFarm({ name: `farm${index}`, checks: [sampleCheck(every(500))] }),
    )
    // Sixty probes every half second, of which each takes ten milliseconds to start.
    const { clock, orders, missed } = schedule(farms, () => {
      clock.block(10)
      return { afterMs: 1 }
    })
    await clock.advance(1000)
    orders.length = 0
    missed.clear()
    await clock.advance(20_000)
    const lagsMs = ticks(orders).map(({ lagMs }) => lagMs)
    expect(Math.max(...lagsMs)).toBeLessThan(500)
    expect(Math.max(...lagsMs)).toBeGreaterThan(100)
    const all = [...missed.values()].reduce((sum, count) => sum + count, 0) + orders.length
    expect(all / 60).toBeCloseTo(40, -0.5)
  })
})

describe('overlap', () => {
  test('a node does not answer for 40 s: ticks go on until overlap is reached, then are missed, and nothing else is late', async () => {
    const check = sampleCheck({ timeoutMs: 60_000, overlap: 4 })
    let asleepFromMs = Number.POSITIVE_INFINITY
    const { clock, orders, outcomes, missed } = schedule([sampleFarm({ checks: [check] })], (order) => {
      const { target, slotMs } = order
      if (target.name !== 'web01' || slotMs < asleepFromMs || slotMs > asleepFromMs + 39_900) return {}
      return { afterMs: asleepFromMs + 39_900 - slotMs }
    })
    await clock.advance(10_000)
    asleepFromMs = (ticks(orders).at(-1)?.slotMs ?? 0) + 5000
    await clock.advance(60_000)
    const slow = outcomes.filter(({ target, totalMs }) => target === 'web01' && totalMs > 5)
    expect(slow.map(({ totalMs }) => totalMs)).toEqual([39_900, 34_900, 29_900, 24_900])
    expect(Object.fromEntries(missed)).toEqual({ web01: 4 })
    expect(ticks(orders).length + 4).toBe(ticks(orders, 'web02').length)
    expect(orders.every(({ lagMs }) => lagMs === 0)).toBe(true)
  })

  test('bursts and sweeps leave half of the places to ticks', async () => {
    const check = sampleCheck({ overlap: 4, burst: { intervalMs: 250, forMs: 30_000 }, ...every(1000) })
    const { clock, orders } = schedule([sampleFarm({ checks: [check] })], ({ target }) =>
      target.name === 'web01' ? { afterMs: 2000, reason: 'first_byte_timeout' } : {},
    )
    await clock.advance(10_000)
    const inFlightAt = (atMs: number, isExtra: boolean) =>
      orders.filter(
        (order) =>
          order.target.name === 'web01' &&
          (order.lane !== 'tick') === isExtra &&
          order.atMs <= atMs &&
          atMs < order.atMs + 2000,
      ).length
    const moments = Array.from({ length: 60 }, (_, index) => 3000 + index * 100)
    expect(Math.max(...moments.map((atMs) => inFlightAt(atMs, true)))).toBe(2)
    expect(gaps(ticks(orders)).every((gap) => gap === 1000)).toBe(true)
  })
})

describe('a cold start that was reported as a recycle', () => {
  const minuteMs = 60_000

  /**
   * In how many of 20 minutes the target that waits seven seconds for a cold web01 is overdue: a burst looks until it is quick;
   * with the recycle reported, or not.
   */
  async function minutesWithBursts(waiting: string, isReported: boolean): Promise<number> {
    const check = sampleCheck({ burst: { intervalMs: 250, forMs: 10_000 }, ...every(5000) })
    const { clock, orders, scheduler } = schedule([sampleFarm({ checks: [check] })], ({ target, slotMs }) => {
      const coldMs = slotMs % minuteMs
      return target.name === waiting && coldMs < 7000 ? { afterMs: 7000 - coldMs } : {}
    })
    await clock.advance(minuteMs - (clock.wallMs() % minuteMs) - 1)
    let minutes = 0
    for (let minute = 0; minute < 20; minute++) {
      const fromMs = clock.wallMs()
      const before = orders.length
      await clock.advance(9001)
      const bursts = orders
        .slice(before)
        .filter(({ lane, target }) => lane === 'burst' && target.name === waiting)
      if (bursts.some(({ slotMs }) => slotMs - fromMs > 7001)) minutes++
      if (isReported)
        scheduler.recycled({ farm: 'intranet', target: 'web01', fromMs, untilMs: clock.wallMs() })
      await clock.advance(minuteMs - 9001)
    }
    return minutes
  }

  test.each(['web01', 'balancer'])(
    'does not change what is usual for %s, however often it comes',
    async (name) => {
      expect(await minutesWithBursts(name, true)).toBe(20)
      expect(await minutesWithBursts(name, false)).toBeLessThan(10)
    },
  )
})

describe('the beginning', () => {
  test('a check whose first slot is far away is swept at once, so that its state is known', async () => {
    const { clock, orders } = schedule([sampleFarm({ checks: [sampleCheck(every(3_600_000))] })])
    await clock.advance(100)
    expect(orders.map(({ lane, target }) => [lane, target.name])).toEqual([
      ['sweep', 'balancer'],
      ['sweep', 'web01'],
      ['sweep', 'web02'],
    ])
  })

  test('canary and cron checks wait for their time', async () => {
    const canary = sampleCheck({ name: 'cold', canary: true, ...every(3_600_000) })
    const nightly = sampleCheck({
      name: 'nightly',
      schedule: { kind: 'cron', cron: '0 3 * * *', timezone: 'UTC' },
    })
    const { clock, orders } = schedule([sampleFarm({ checks: [canary, nightly] })])
    await clock.advance(1000)
    expect(orders).toEqual([])
    await clock.advance(3_600_000 * 4)
    expect(orders.filter(({ check }) => check === canary).every(({ lane }) => lane === 'canary')).toBe(true)
    const nights = orders.filter(({ check }) => check === nightly)
    expect(nights.map(({ lane, slotMs }) => [lane, new Date(slotMs).toISOString()])).toEqual(
      nights.map(() => ['tick', '2026-07-01T03:00:00.000Z']),
    )
    expect(nights).toHaveLength(3)
  })
})

describe('our own faults', () => {
  test('a probe that was in flight while the event loop was blocked carries how late it was, the next one nothing', async () => {
    const { clock, outcomes } = schedule([sampleFarm({ checks: [sampleCheck(every(1000))] })], () => ({
      afterMs: 50,
    }))
    await clock.advance(3000)
    const [last] = outcomes.slice(-1)
    const nextMs = (last?.slotMs ?? 0) + 1000
    await clock.advance(nextMs - clock.wallMs() + 20)
    clock.block(60)
    await clock.advance(1500)
    const judged = outcomes
      .filter(({ slotMs }) => slotMs >= nextMs)
      .map(({ slotMs, latenessMs }) => [slotMs - nextMs, Math.round(latenessMs / 10)])
    expect(judged).toEqual([
      ...[0, 0, 0].map((slot) => [slot, 5]),
      ...[1000, 1000, 1000].map((slot) => [slot, 0]),
    ])
  })

  test('a probe that starts late after a blocked loop is not late itself: its time is measured from its start', async () => {
    const { clock, outcomes } = schedule([sampleFarm({ checks: [sampleCheck(every(1000))] })], () => ({
      afterMs: 50,
    }))
    await clock.advance(3000)
    const nextMs = (outcomes.at(-1)?.slotMs ?? 0) + 1000
    await clock.advance(nextMs - clock.wallMs() - 10)
    clock.block(200)
    await clock.advance(500)
    expect(outcomes.at(-1)).toMatchObject({ slotMs: nextMs, lagMs: 190, latenessMs: 0 })
  })

  test('a probe that rejects becomes an outcome with the reason internal', async () => {
    const clock = createSimulatedClock()
    const outcomes: Outcome[] = []
    const scheduler = createScheduler({
      clock,
      probe: () => {
        throw new Error('no such thing')
      },
      originMs: 0,
      emit: { outcome: (outcome) => outcomes.push(outcome), missed: () => undefined },
    })
    scheduler.apply([sampleFarm()])
    await clock.advance(10)
    expect(outcomes[0]).toMatchObject({
      reason: 'internal',
      detail: 'the probe itself failed: Error: no such thing',
    })
    expect(scheduler.inFlight()).toBe(0)
  })
})

describe('stopping', () => {
  test('waits for what is in flight, starts nothing, and leaves no timer', async () => {
    const { clock, scheduler, outcomes, orders } = schedule([sampleFarm()], () => ({ afterMs: 3000 }))
    await clock.advance(5100)
    const started = orders.length
    let stopped = false
    const stopping = scheduler.stop(4000).then(() => {
      stopped = true
    })
    await clock.advance(1000)
    expect(stopped).toBe(false)
    await clock.advance(2000)
    await stopping
    expect([outcomes.length, orders.length]).toEqual([started, started])
    await clock.advance(100)
    expect(clock.pending()).toBe(0)
  })

  test('aborts and drops what has not finished in time', async () => {
    const { clock, scheduler, outcomes, aborted } = schedule([sampleFarm()], () => ({ afterMs: 30_000 }))
    await clock.advance(100)
    const stopping = scheduler.stop(1000)
    await clock.advance(1000)
    await stopping
    await clock.advance(100)
    expect([outcomes.length, aborted.length, scheduler.inFlight()]).toEqual([0, 3, 0])
  })
})
