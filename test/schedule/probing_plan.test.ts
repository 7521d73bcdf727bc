import { expect, test } from 'vitest'
import type { Order } from '../../src/model/outcome.ts'
import { every, sampleCheck, sampleFarm, sampleNode } from '../support/farms/sample_farm.ts'
import { gaps, schedule, ticks } from '../support/probes/scripted_schedule.ts'

test('keeps the slots and the probes in flight of what stays', async () => {
  const changing = sampleCheck({ name: 'search' })
  const farm = sampleFarm({ checks: [sampleCheck(), changing] })
  const { clock, scheduler, orders, outcomes, aborted } = schedule([farm], () => ({ afterMs: 3000 }))
  const settings = { checks: [sampleCheck(), sampleCheck({ name: 'search', path: '/q' })] }
  await clock.advance(12_000)
  for (let change = 0; change < 40; change++) {
    const nodes = change % 2 === 0 ? [sampleNode('web01'), sampleNode('web03')] : [sampleNode('web01')]
    scheduler.apply([structuredClone(sampleFarm({ ...settings, nodes }))])
    await clock.advance(300)
  }
  await clock.advance(8000)
  const home = ticks(orders).filter(({ check }) => check.name === 'home')
  expect(gaps(home)).toEqual(gaps(home).map(() => 5000))
  expect(home.length).toBe(6)
  expect(aborted.some(({ target }) => target.name === 'web01')).toBe(false)
  expect(
    outcomes.filter(({ target, lane, check }) => target === 'web01' && lane === 'tick' && check === 'home'),
  ).toHaveLength(6)
})

const affinity = { affinity: { cookie: 'ARRAffinity' }, servedBy: { header: 'X-Node' } }
const names = (orders: readonly Order[]) => orders.map(({ target: { role, name } }) => `${role} ${name}`)

test('probes a node through the balancer once its cookie is known, at the slots of the others', async () => {
  let known: string[] = []
  const farm = sampleFarm(affinity)
  const { clock, orders, missed } = schedule(
    [farm],
    undefined,
    undefined,
    (_farm, { role, name }) => role !== 'through' || known.includes(name),
  )
  await clock.advance(10_000)
  expect(new Set(names(orders))).toEqual(new Set(['balancer balancer', 'node web01', 'node web02']))
  known = ['web02']
  const before = orders.length
  await clock.advance(5000)
  const slot = orders.slice(before)
  expect(names(slot)).toEqual(['balancer balancer', 'node web01', 'node web02', 'through web02'])
  expect(new Set(slot.map(({ slotMs }) => slotMs)).size).toBe(1)
  expect(slot.at(-1)?.target).toMatchObject({ host: farm.balancer.host, port: farm.balancer.port })
  expect([...missed]).toEqual([])
})

test('probes through the balancer start no burst and no sweep, of the node neither', async () => {
  const checks = [sampleCheck({ burst: { intervalMs: 250, forMs: 30_000 } })]
  const { clock, orders } = schedule([sampleFarm({ ...affinity, checks })], ({ target }) =>
    target.role === 'through' ? { afterMs: 10, reason: 'status' } : { afterMs: 10 },
  )
  await clock.advance(20_000)
  expect(orders.some(({ target }) => target.role === 'through')).toBe(true)
  expect(orders.filter(({ lane }) => lane === 'burst')).toEqual([])
})

test('aborts and drops the probes of a target that is gone', async () => {
  const { clock, scheduler, outcomes, aborted } = schedule([sampleFarm()], () => ({ afterMs: 4900 }))
  await clock.advance(5500)
  const nodes = [sampleNode('web01')]
  const before = outcomes.length
  scheduler.apply([sampleFarm({ nodes })])
  await clock.advance(5000)
  expect(aborted.length).toBeGreaterThan(0)
  expect(aborted.every(({ target }) => target.name === 'web02')).toBe(true)
  expect(outcomes.slice(before).some(({ target }) => target === 'web02')).toBe(false)
})

test('finishes the probes in flight of a farm that moves to another prober', async () => {
  const { clock, scheduler, outcomes, aborted, orders } = schedule([sampleFarm()], () => ({ afterMs: 4000 }))
  await clock.advance(5500)
  scheduler.apply([], clock.monotonicMs(), new Set(['intranet']))
  const started = orders.length
  await clock.advance(10_000)
  expect(aborted).toEqual([])
  expect(orders).toHaveLength(started)
  expect(outcomes).toHaveLength(started)
})

test('uses the new grid of a changed interval from then on', async () => {
  const { clock, scheduler, orders } = schedule([sampleFarm()])
  await clock.advance(11_000)
  scheduler.apply([sampleFarm({ checks: [sampleCheck(every(1000))] })])
  const changedMs = clock.wallMs()
  await clock.advance(5000)
  const after = ticks(orders).filter(({ slotMs }) => slotMs >= changedMs)
  expect(gaps(after)).toEqual([1000, 1000, 1000, 1000])
})

test('counts slots from the given moment on when a farm arrives later', async () => {
  const { clock, scheduler, missed } = schedule([])
  const fromMs = clock.monotonicMs()
  clock.block(20_000)
  scheduler.apply([sampleFarm()], fromMs)
  await clock.advance(100)
  expect(Object.fromEntries(missed)).toEqual({ balancer: 3, web01: 3, web02: 3 })
})
