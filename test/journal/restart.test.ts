import { copyFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../src/metrics/metrics.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { type FarmMonitors, startFarmMonitors } from '../../src/service/farm_monitors.ts'
import { sampleFarm, sampleOutcome } from '../support/farms/sample_farm.ts'
import { always, type JournalIn, type JournalToAsk, journalIn } from '../support/files/temp_journal.ts'

const farm = sampleFarm({}, ['web01', 'web02'])

/** One process: what it has told, and how it ends. */
interface Process {
  readonly metrics: Metrics
  readonly watch: FarmMonitors
  readonly journal: JournalToAsk
  readonly told: readonly FarmEvent[]
}

let place: JournalIn

beforeEach(async () => {
  place = await journalIn()
})

afterEach(() => place[Symbol.asyncDispose]())

function startProcess(path = place.path): Process {
  const { clock } = place
  const journal = place.open({ path })
  const known = journal.loadMonitors()
  const told: FarmEvent[] = []
  const metrics = createMetrics({ clock, version: 'test' })
  metrics.setFarms([farm])
  const watch = startFarmMonitors({
    metrics,
    clock,
    memory: { known: () => known, keep: journal.saveMonitor },
    onEvent(event) {
      told.push(event)
      journal.record(event)
    },
  })
  watch.setFarms([farm])
  return { metrics, watch, journal, told }
}

/** Probes all targets every 5 s for so long. */
async function probeFor(
  { watch, journal }: Process,
  seconds: number,
  different: (target: string) => Partial<Outcome> = () => ({}),
): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    const startedMs = place.clock.wallMs()
    for (const target of ['balancer', 'web01', 'web02']) {
      const role = target === 'balancer' ? 'balancer' : 'node'
      const identity = role === 'node' ? { identity: `${target}-worker` } : {}
      const at = { target, role, startedMs, slotMs: startedMs, id: `${startedMs} ${target}` } as const
      const outcome = sampleOutcome({ ...at, ...identity, ...different(target) })
      journal.observe(outcome)
      watch.observe(outcome)
    }
    await place.clock.advance(5000)
  }
}

/** What a process that is killed now leaves: the path of a journal that the next one opens. */
async function kill({ watch }: Process): Promise<string> {
  const left = `${place.path}-${place.clock.wallMs()}`
  for (const suffix of ['', '-wal']) await copyFile(place.path + suffix, left + suffix)
  watch.stop()
  return left
}

const web01Down = (target: string): Partial<Outcome> =>
  target === 'web01' ? { reason: 'refused', status: 0, detail: 'refused' } : {}

test.each(['stopped', 'killed'])('a restart of a process that was %s tells of no recycle', async (how) => {
  const first = startProcess()
  await probeFor(first, 900)
  const left = how === 'killed' ? await kill(first) : place.path
  first.watch.stop()
  first.journal.close()
  await place.clock.advance(60_000)
  const second = startProcess(left)
  expect(second.watch.readings('intranet')?.baselines).toHaveLength(3)
  await probeFor(second, 900)
  expect([...first.told, ...second.told]).toEqual([])
})

test('an outage that is open when the process is killed is closed by the next one, and is one outage', async () => {
  const first = startProcess()
  await probeFor(first, 300)
  const openedMs = place.clock.wallMs()
  await probeFor(first, 60, web01Down)
  const left = await kill(first)
  await place.clock.advance(60_000)
  const second = startProcess(left)
  expect(second.watch.readings('intranet')?.openOutages).toMatchObject([{ target: 'web01', openedMs }])
  await probeFor(second, 60, web01Down)
  await probeFor(second, 60)
  const story = second.journal.events(always, { target: 'web01' }, undefined, 100)
  const outages = story.filter(({ kind }) => kind.startsWith('outage'))
  expect(outages.map(({ kind }) => kind)).toEqual(['outage_opened', 'outage_closed'])
  expect(outages[1]).toMatchObject({ atMs: openedMs, lengthMs: 180_000 })
  const verdicts = second.journal.events(always, {}, new Set(['verdict']), 100)
  expect(verdicts).toMatchObject([
    { previous: 'ok', verdict: 'masked' },
    { previous: 'masked', verdict: 'ok', heldMs: 180_000 },
  ])
})

const renewed = (target: string): Partial<Outcome> => (target === 'web02' ? { identity: 'web02-other' } : {})

test('a worker that changed while nobody watched is told, once', async () => {
  const first = startProcess()
  await probeFor(first, 300)
  const left = await kill(first)
  await place.clock.advance(60_000)
  const second = startProcess(left)
  await probeFor(second, 300, renewed)
  expect(second.told.filter(({ kind }) => kind === 'recycle')).toMatchObject([{ target: 'web02' }])
})

const minuteMs = 60_000

async function gauge({ metrics }: Process): Promise<string> {
  let text = ''
  for await (const chunk of metrics.render(undefined).chunks) text += chunk
  return /^farmprobe_in_maintenance\{farm="intranet"\} (.*)$/m.exec(text)?.[1] ?? 'none'
}

const maintenanceIn = ({ journal }: Process) =>
  journal
    .events(always, {}, new Set(['maintenance']), 100)
    .map((event) => event.kind === 'maintenance' && [event.active, event.atMs])

test('declared maintenance lasts over a restart, and is told once', async () => {
  const first = startProcess()
  const declaredMs = place.clock.wallMs()
  first.watch.declareMaintenance('intranet', 10 * minuteMs)
  await probeFor(first, 60)
  // An extension is no event, and is kept all the same.
  first.watch.declareMaintenance('intranet', 10 * minuteMs)
  await place.clock.advance(2000)
  const left = await kill(first)
  await place.clock.advance(minuteMs)
  const second = startProcess(left)
  expect(second.watch.inMaintenance('intranet')).toBe(true)
  expect(await gauge(second)).toBe('1')
  await probeFor(second, 60, web01Down)
  expect(second.told.map(({ maintenance }) => maintenance)).not.toContain(false)
  expect(second.told.length).toBeGreaterThan(0)
  await place.clock.advance(10 * minuteMs)
  expect(await gauge(second)).toBe('0')
  expect(maintenanceIn(second)).toEqual([
    [true, declaredMs],
    [false, declaredMs + 11 * minuteMs],
  ])
})

test('maintenance that was to end while nobody watched has ended after the restart', async () => {
  const first = startProcess()
  first.watch.declareMaintenance('intranet', 5 * minuteMs)
  await place.clock.advance(2000)
  const left = await kill(first)
  await place.clock.advance(60 * minuteMs)
  const second = startProcess(left)
  await place.clock.advance(2000)
  expect(second.watch.inMaintenance('intranet')).toBe(false)
  expect(await gauge(second)).toBe('0')
  expect(maintenanceIn(second).map((told) => told && told[0])).toEqual([true, false])
})

test('what happened before maintenance was declared is not of it', async () => {
  const only = startProcess()
  await probeFor(only, 60)
  only.watch.declareMaintenance('intranet', minuteMs)
  const nowMs = place.clock.wallMs()
  expect(
    [nowMs - 1, nowMs, nowMs + minuteMs].map((atMs) => only.watch.inMaintenance('intranet', atMs)),
  ).toEqual([false, true, false])
})

const saysGoodbye = (target: string): Partial<Outcome> =>
  target === 'web01'
    ? {
        reason: 'status',
        status: 503,
        detail: 'The status is 503.',
        evidence: { statusText: 'Server has been shutdown', headers: [], bodyStart: '' },
      }
    : {}
const successor = (target: string): Partial<Outcome> => (target === 'web01' ? { identity: 'web01-next' } : {})

/** A worker says goodbye, and farmprobe ends before its successor has answered; what the next process tells of it. */
async function goodbyeThen(answers: (target: string) => Partial<Outcome>): Promise<readonly FarmEvent[]> {
  const first = startProcess()
  await probeFor(first, 900)
  await probeFor(first, 5, saysGoodbye)
  expect(first.told).toContainEqual(expect.objectContaining({ kind: 'recycle', evidence: 'shutdown_notice' }))
  const left = await kill(first)
  await place.clock.advance(3000)
  const second = startProcess(left)
  await probeFor(second, 5, answers)
  await probeFor(second, 60, successor)
  return second.told.filter(({ kind }) => kind === 'first_request')
}

const cold = (target: string): Partial<Outcome> => ({
  ...successor(target),
  ...(target === 'web01' && { firstByteMs: 6000, totalMs: 6005, phaseMs: { connect: 1, wait: 6000 } }),
})

test('a first request that is awaited when the process ends is told by the next one', async () => {
  expect(await goodbyeThen(cold)).toMatchObject([{ target: 'web01', check: 'home', firstByteMs: 6000 }])
})

test('a worker that is warm after the restart has had its first request meanwhile', async () => {
  expect(await goodbyeThen(successor)).toEqual([])
})
