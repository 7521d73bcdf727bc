import { copyFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { FarmEvent } from '../../src/model/event.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { startWatch, type Watch } from '../../src/watch.ts'
import { always, type JournalIn, journalIn } from '../support/journal_in.ts'
import { sampleFarm, sampleOutcome } from '../support/sample_farm.ts'

const farm = sampleFarm({}, ['web01', 'web02'])

/** One process: what it has told, and how it ends. */
interface Process {
  readonly watch: Watch
  readonly journal: Journal
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
  const watch = startWatch({
    metrics: createMetrics({ clock, version: 'test' }),
    clock,
    memory: { recall: (name) => known.get(name), keep: journal.saveMonitor },
    onEvent(event) {
      told.push(event)
      journal.record(event)
    },
  })
  watch.setFarms([farm])
  return { watch, journal, told }
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
  expect(story.map(({ kind }) => kind)).toEqual(['outage_opened', 'outage_closed'])
  expect(story[1]).toMatchObject({ atMs: openedMs, lengthMs: 180_000 })
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
