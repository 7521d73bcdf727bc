import { expect, test } from 'vitest'
import type { Farm } from '../../../src/model/farm.ts'
import { createLedger } from '../../../src/schedule/threads/missed_slots.ts'
import { sampleCheck, sampleFarm } from '../../support/farms/sample_farm.ts'
import { outcomeOf } from '../../support/probes/scripted_probe.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

const farmWith = (settings: Parameters<typeof sampleCheck>[0]) =>
  sampleFarm({ nodes: [], checks: [sampleCheck(settings)] })

function open(farm: Farm) {
  const clock = createSimulatedClock()
  const ledger = createLedger(clock, clock.wallMs() - clock.monotonicMs())
  ledger.keep([farm], clock.monotonicMs())
  const order = {
    farm,
    check: farm.checks[0] ?? sampleCheck(),
    target: farm.balancer,
    slotMs: 0,
    lagMs: 0,
  } as const
  const settle = (count: number, lane: 'tick' | 'burst' = 'tick') => {
    for (let index = 0; index < count; index++) ledger.outcome(outcomeOf({ ...order, lane }))
  }
  const lost = () => ledger.lost([farm.name], clock.monotonicMs()).map(({ count }) => count)
  return { clock, ledger, settle, lost, subject: outcomeOf({ ...order, lane: 'tick' }) }
}

test('a slot that was due and has neither outcome nor miss is lost, and counted once', async () => {
  const { clock, ledger, settle, lost, subject } = open(farmWith({}))
  await clock.advance(60_000)
  settle(7)
  settle(5, 'burst')
  ledger.missed(subject, 2)
  expect(lost()).toEqual([3])
  expect(lost()).toEqual([])
})

test('the account goes on over a change of the interval', async () => {
  const { clock, ledger, settle, lost } = open(farmWith({}))
  await clock.advance(50_000)
  ledger.keep([farmWith({ schedule: { kind: 'interval', intervalMs: 1000 } })], clock.monotonicMs())
  await clock.advance(10_000)
  settle(15)
  expect(lost()).toEqual([5])
})

test('a target that is added later has slots only from then on', async () => {
  const { clock, ledger, lost, settle } = open(farmWith({}))
  await clock.advance(50_000)
  settle(10)
  ledger.keep([sampleFarm()], clock.monotonicMs())
  await clock.advance(10_000)
  expect(lost()).toEqual([2, 2, 2])
})

test('cron slots are counted, too', async () => {
  const { clock, settle, lost } = open(
    farmWith({ schedule: { kind: 'cron', cron: '0 * * * *', timezone: 'UTC' } }),
  )
  for (let hour = 0; hour < 48; hour++) {
    await clock.advance(3_600_000)
    settle(1)
  }
  await clock.advance(3 * 3_600_000)
  expect(lost()).toEqual([3])
})

test('outcomes of what is not in the plan are not accounted for', () => {
  const { ledger, subject } = open(farmWith({}))
  expect(ledger.outcome(subject)).toBe(true)
  ledger.drop('intranet')
  expect(ledger.outcome(subject)).toBe(false)
  expect(ledger.missed(subject, 1)).toBe(false)
})

test('a node through the balancer has outcomes, and no slot to be lost: until its cookie is known, none is due', async () => {
  const farm = sampleFarm({ affinity: { cookie: 'ARRAffinity' } }, ['web01'])
  const { clock, ledger, lost, subject } = open(farm)
  await clock.advance(60_000)
  const through = { ...subject, role: 'through', target: 'web01' } as const
  expect(lost()).toEqual([12, 12])
  expect(ledger.outcome(through)).toBe(true)
  expect(ledger.missed(through, 3)).toBe(false)
  expect(ledger.outcome({ ...through, check: 'gone' })).toBe(false)
  await clock.advance(5000)
  ledger.outcome(through)
  expect(lost()).toEqual([1, 1])
})
