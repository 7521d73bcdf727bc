import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import type { Check, Farm } from '../../../src/model/farm.ts'
import { endedMs, type Outcome, type Subject } from '../../../src/model/outcome.ts'
import { type Cancel, type Clock, systemClock } from '../../../src/runtime/clock.ts'
import { createLog } from '../../../src/runtime/log.ts'
import { type FleetOptions, startFleet } from '../../../src/schedule/threads/fleet.ts'
import type { Batch } from '../../../src/schedule/threads/prober_messages.ts'
import { eventually } from '../../support/eventually.ts'
import { every, sampleCheck, sampleFarm, sampleNode } from '../../support/farms/sample_farm.ts'

const realProber = new URL('../../../src/service/prober_entry.ts', import.meta.url)
const scriptedProber = new URL('../../support/probes/scripted_prober_entry.ts', import.meta.url)

/** A fleet that stops with its test; tests that run side by side say of themselves when they end. */
function fleetOf(entry: URL, settings: Partial<FleetOptions> = {}, ended = onTestFinished) {
  const batches: (Batch & { readonly receivedMs: number })[] = []
  const restarts: string[] = []
  const quarantined: Subject[] = []
  const fleet = startFleet({
    entry,
    onBatch: (batch) => batches.push({ ...batch, receivedMs: Date.now() }),
    onRestart: (_, error) => restarts.push(error.message),
    onQuarantine: (subject) => quarantined.push(subject),
    ...settings,
  })
  ended(() => fleet.stop(0))
  const outcomes = () => batches.flatMap((batch) => batch.outcomes)
  const missed = (farm: string) =>
    batches
      .flatMap((batch) => batch.missed)
      .filter(({ subject }) => subject.farm === farm)
      .reduce((sum, { count }) => sum + count, 0)
  return { fleet, batches, outcomes, missed, restarts, quarantined }
}

const alone = (check: Partial<Check>, farm: Partial<Farm> = {}) =>
  sampleFarm({ nodes: [], checks: [sampleCheck({ ...every(100), ...check })], ...farm })

const ofLane = (outcomes: readonly Outcome[], lane: string) =>
  outcomes.filter((outcome) => outcome.lane === lane)

test('every outcome is one request on the wire, and a failure is reported at once', async () => {
  const ids: string[] = []
  const server = createServer((request, response) => {
    ids.push(String(request.headers['x-farmprobe-id']))
    response.statusCode = ids.length === 10 ? 502 : 200
    response.end('hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { fleet, batches, outcomes } = fleetOf(realProber)
  const place = { scheme: 'http', host: '127.0.0.1', port: (server.address() as AddressInfo).port } as const
  const balancer = sampleNode('balancer', { role: 'balancer', ...place })
  const nodes = [sampleNode('web01', place), sampleNode('web02', place)]
  fleet.apply([sampleFarm({ balancer, nodes, checks: [sampleCheck(every(200))] })])
  await eventually('twenty outcomes', outcomes, (found) => found.length >= 20)
  await fleet.stop(1000)
  expect(new Set(outcomes().map(({ id }) => id))).toEqual(new Set(ids))
  expect(outcomes()).toHaveLength(ids.length)
  const failures = outcomes().filter(({ status }) => status === 502)
  expect(failures).toHaveLength(1)
  const telling = batches.find((batch) => batch.outcomes.includes(failures[0] as Outcome))
  expect((telling?.receivedMs ?? 0) - endedMs(failures[0] as Outcome)).toBeLessThan(60)
})

test.runIf(availableParallelism() > 1)(
  'a prober that starts its probes late gets another one beside it, to which farms move without a loss',
  { concurrent: true, timeout: 40_000 },
  async ({ onTestFinished: ended }) => {
    const intervalMs = 200
    const nodes = Array.from({ length: 39 }, (_, node) => sampleNode(`web${node}`))
    const check = { path: '/slowly', ...every(intervalMs) }
    const farms = ['a', 'b'].map((name) => alone(check, { name, nodes }))
    const { fleet, outcomes, missed, batches } = fleetOf(scriptedProber, {}, ended)
    fleet.apply(farms)
    expect(fleet.threads()).toBe(1)
    const ofSecond = () => batches.filter(({ prober, outcomes }) => prober === 1 && outcomes.length > 0)
    await eventually('outcomes of a second prober', ofSecond, (found) => found.length > 10, 30_000)
    expect(fleet.threads()).toBe(2)
    await fleet.stop(1000)
    for (const { name } of farms) {
      const slots = ofLane(outcomes(), 'tick').filter(({ farm }) => farm === name)
      const atMs = slots.map(({ slotMs }) => slotMs)
      const owed = 40 * ((Math.max(...atMs) - Math.min(...atMs)) / intervalMs + 1)
      const counted = slots.length + missed(name)
      // The last slots were not all begun when it stopped, and slots before the first outcome may be missed, too.
      expect(counted / owed).toBeGreaterThan(0.95)
      expect(counted / owed).toBeLessThan(1.1)
    }
  },
)

test.concurrent.for([
  ['ends itself', '/die', {}, /the thread 'prober 0' ended with code 7/],
  ['throws where nobody catches', '/throw', {}, /nobody catches this/],
  ['runs out of memory', '/hoard', { resourceLimits: { maxOldGenerationSizeMb: 24 } }, /memory/],
] as const)(
  'a prober that %s is restarted with its farms, and no slot is lost',
  async ([, path, settings, message], { onTestFinished: ended }) => {
    const { fleet, outcomes, missed, restarts } = fleetOf(scriptedProber, settings, ended)
    const good = alone({ path: '/' })
    const bad = alone({ path }, { name: 'bad' })
    fleet.apply([good])
    await eventually('outcomes', outcomes, (found) => ofLane(found, 'tick').length >= 3)
    fleet.apply([good, bad])
    await eventually(
      'a restart',
      () => restarts,
      (found) => found.length >= 1,
    )
    const counted = outcomes().length
    fleet.apply([good])
    await eventually('outcomes after it', outcomes, (found) => found.length >= counted + 5)
    expect(restarts[0]).toMatch(message)
    expect(missed('intranet')).toBeGreaterThan(0)
    const account = () => {
      const ticks = ofLane(outcomes(), 'tick').filter(({ farm }) => farm === 'intranet')
      const due = ((ticks.at(-1)?.slotMs ?? 0) - (ticks[0]?.slotMs ?? 0)) / 100 + 1
      return { told: ticks.length + missed('intranet'), due }
    }
    // What was missed since the last outcome is due only when the next one has come.
    await eventually('every slot told once', account, ({ told, due }) => told === due)
  },
)

test.concurrent('probes in flight when a prober ends are counted as missed', async ({
  onTestFinished: ended,
}) => {
  const { fleet, batches, restarts } = fleetOf(scriptedProber, {}, ended)
  const hanging = alone({ path: '/hang', overlap: 3 })
  fleet.apply([hanging])
  const missed = () => batches.flatMap((batch) => batch.missed)
  await eventually('overlap to be reached', missed, (found) => found.length >= 2)
  fleet.apply([hanging, alone({ path: '/die' }, { name: 'bad' })])
  await eventually(
    'a restart',
    () => restarts,
    (found) => found.length >= 1,
  )
  const inOne = missed()
    .filter(({ subject }) => subject.farm === 'intranet')
    .map(({ count }) => count)
  expect(Math.max(...inOne)).toBeGreaterThanOrEqual(2)
})

test.concurrent('more probers are added by rate, and each farm lives on one of them', async ({
  onTestFinished: ended,
}) => {
  const { fleet, batches } = fleetOf(scriptedProber, { threads: 3 }, ended)
  const farms = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    sampleFarm({ name, nodes: [sampleNode('web01')], checks: [sampleCheck(every(100))] }),
  )
  fleet.apply(farms)
  const homes = () => {
    const found = new Map<string, Set<number>>()
    for (const { prober, outcomes } of batches)
      for (const { farm } of outcomes) found.set(farm, (found.get(farm) ?? new Set()).add(prober))
    return found
  }
  await eventually('all farms', homes, (found) => found.size === 6)
  fleet.apply(farms.slice(1))
  const before = batches.length
  await eventually(
    'more batches',
    () => batches.length,
    (count) => count > before + 20,
  )
  expect([...homes().values()].every((probers) => probers.size === 1)).toBe(true)
  expect(new Set([...homes().values()].flatMap((probers) => [...probers])).size).toBe(3)
  expect(fleet.threads()).toBe(3)
})

test.concurrent('no outcome of a farm is reported after it has left the plan', async ({
  onTestFinished: ended,
}) => {
  const { fleet, batches, outcomes } = fleetOf(scriptedProber, {}, ended)
  fleet.apply([alone({}), alone({}, { name: 'leaver' })])
  await eventually('both', outcomes, (found) => new Set(found.map(({ farm }) => farm)).size === 2)
  fleet.apply([alone({})])
  const left = batches.length
  await eventually(
    'more batches',
    () => batches.length,
    (count) => count > left + 5,
  )
  expect(
    batches
      .slice(left)
      .flatMap((batch) => batch.outcomes)
      .some(({ farm }) => farm === 'leaver'),
  ).toBe(false)
})

test.concurrent.for([
  ['ends within seconds, and is not probed in the next run', '/stall', 1],
  ['ends by itself, and is not probed again', '/costly', 0],
] as const)(
  'an answer that blocks its prober %s; other farms go on',
  async ([, path, wantedRestarts], { onTestFinished: ended }) => {
    const lines: unknown[] = []
    const log = createLog('info', 'json', { write: (line) => lines.push(JSON.parse(line)) })
    const { fleet, outcomes, missed, restarts, quarantined } = fleetOf(scriptedProber, { log }, ended)
    const good = alone(every(50))
    fleet.apply([good, alone({ path, name: 'evil' }, { name: 'bad' })])
    const subject = { farm: 'bad', role: 'balancer', target: 'balancer', check: 'evil' }
    await eventually(
      'a quarantine',
      () => quarantined,
      (found) => found.length > 0,
      15_000,
    )
    const goodTicks = () => ofLane(outcomes(), 'tick').filter(({ farm }) => farm === 'intranet')
    const counted = goodTicks().length
    const before = missed('bad')
    await eventually('ticks of the other farm after it', goodTicks, (found) => found.length >= counted + 20)
    expect(quarantined).toEqual([subject])
    expect(restarts).toEqual(
      Array.from(
        { length: wantedRestarts },
        () => "the thread 'prober 0' was for 3 s at an answer of balancer to the check evil of bad",
      ),
    )
    expect(lines).toContainEqual(
      expect.objectContaining({
        self: 'quarantine',
        ...subject,
        msg: 'an answer blocked a prober thread, so this check is not probed on this target for 1m',
      }),
    )
    expect(missed('bad')).toBeGreaterThan(before)
  },
)

test('a search that is given up is an error of ours with its status, and is not made again', async () => {
  // No part of it repeats another.
  const page = Array.from({ length: 30_000 }, (_, n) => (n * n).toString(2)).join('')
  const server = createServer((_, response) => response.end(`${page}2`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { fleet, outcomes, quarantined } = fleetOf(realProber)
  const { port } = server.address() as AddressInfo
  const check = sampleCheck(every(100))
  const body = { ...check.expect.body, match: ['(?:0|1)*0(?:0|1){900}2'], maxBytes: 2 ** 20 }
  const balancer = sampleNode('balancer', { role: 'balancer', scheme: 'http', host: '127.0.0.1', port })
  fleet.apply([alone({ expect: { ...check.expect, body } }, { balancer })])
  await eventually(
    'a quarantine',
    () => quarantined,
    (found) => found.length > 0,
  )
  expect(outcomes()[0]).toMatchObject({ reason: 'internal', status: 200 })
  expect(outcomes()[0]?.detail).toMatch(/^farmprobe failed: it gave up the search for /)
})

test('a farm that is moved, because its prober has too much to do, keeps its slots', async () => {
  const { fleet, batches, outcomes } = fleetOf(scriptedProber, { threads: 2 })
  const home = sampleCheck(every(100))
  const busy = sampleCheck({ name: 'busy', ...every(5) })
  const planOf = (names: readonly string[]) =>
    ['p', 'r', 'q', 's'].map((name) =>
      sampleFarm({ name, checks: names.includes(name) ? [home, busy] : [home] }),
    )
  const missedOfQ = () =>
    batches
      .flatMap((batch) => batch.missed)
      .filter(({ subject: { farm, check, target } }) => `${farm} ${check} ${target}` === 'q home balancer')
      .reduce((sum, { count }) => sum + count, 0)
  const ofQ = () => ofLane(outcomes(), 'tick').filter(({ farm, check }) => farm === 'q' && check === 'home')
  const probersOfQ = () =>
    batches.filter((batch) => batch.outcomes.some(({ farm }) => farm === 'q')).map(({ prober }) => prober)
  fleet.apply(planOf([]))
  await eventually('outcomes', ofQ, (found) => found.length >= 9)
  const [before] = probersOfQ()
  fleet.apply(planOf(['p', 'q']))
  await eventually('a move', probersOfQ, (found) => found.at(-1) !== before)
  const moved = ofQ().length
  await eventually('outcomes after it', ofQ, (found) => found.length >= moved + 9)
  const slots = ofQ()
    .filter(({ target }) => target === 'balancer')
    .map(({ slotMs }) => slotMs)
  const due = ((slots.at(-1) ?? 0) - (slots[0] ?? 0)) / 100 + 1
  expect(Math.abs(due - slots.length - missedOfQ())).toBeLessThanOrEqual(1)
})

/** The system's clock, and how many of its timers wait: each would keep the process alive. */
function countingClock() {
  const waiting = new Set<Cancel>()
  const clock: Clock = {
    ...systemClock,
    after(delayMs, wake) {
      const end = () => {
        waiting.delete(end)
        cancel()
      }
      const cancel = systemClock.after(delayMs, () => {
        waiting.delete(end)
        wake()
      })
      waiting.add(end)
      return end
    },
  }
  return { clock, waiting: () => waiting.size }
}

test('an idle fleet stops at once, and leaves no timer that would keep the process alive', async () => {
  const { clock, waiting } = countingClock()
  const { fleet, outcomes } = fleetOf(scriptedProber, { clock })
  fleet.apply([alone(every(3_600_000))])
  await eventually('the opening sweep', outcomes, (found) => found.length > 0)
  expect(waiting()).toBeGreaterThan(0)
  const startedMs = performance.now()
  await fleet.stop(4000)
  expect(performance.now() - startedMs).toBeLessThan(2000)
  expect(waiting()).toBe(0)
})

test('stopping ends probes that hang, within the grace given', async () => {
  const { fleet } = fleetOf(scriptedProber)
  fleet.apply([alone({ path: '/hang' })])
  await eventually(
    'probes in flight',
    () => fleet.inFlight(),
    (count) => count > 0,
  )
  const startedMs = performance.now()
  await fleet.stop(200)
  expect(performance.now() - startedMs).toBeLessThan(2000)
})
