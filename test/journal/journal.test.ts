import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { firstByteTimes, meanPhases } from '../../src/history/rollup.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import { errorOf, outageOf, recycleOf } from '../support/farms/sample_events.ts'
import { sampleOutcome } from '../support/farms/sample_farm.ts'
import { always, dayMs, type JournalIn, type JournalToAsk, journalIn } from '../support/files/temp_journal.ts'

const startMs = Date.UTC(2026, 6, 1)
const minuteMs = 60_000
const hourMs = 3_600_000

let place: JournalIn
let journal: JournalToAsk

beforeEach(async () => {
  place = await journalIn(startMs)
  journal = place.open()
})

afterEach(() => place[Symbol.asyncDispose]())

const probe = (atMs: number, different: Parameters<typeof sampleOutcome>[0] = {}) =>
  journal.observe(sampleOutcome({ startedMs: atMs, slotMs: atMs, id: `${atMs}`, ...different }))

const newest = (limit: number, kinds?: ReadonlySet<string>) => journal.events(always, {}, kinds, limit)

describe('events', () => {
  test('are on disk a tenth of a second later, in full', async () => {
    const event = recycleOf('web01', startMs + 0.25)
    journal.record(event)
    await place.clock.advance(100)
    expect(place.read((reader) => reader.events(always, {}, undefined, 10))).toEqual([event])
  })

  test('are found at once by the process that writes them', () => {
    journal.record(recycleOf('web01', startMs))
    expect(newest(10)).toHaveLength(1)
  })

  test('told twice are written once', async () => {
    journal.record(errorOf('web01', startMs))
    await place.clock.advance(5000)
    journal.record(errorOf('web01', startMs))
    journal.record(errorOf('web01', startMs, { id: 'another probe' }))
    expect(newest(10)).toHaveLength(2)
  })

  test('are asked for by time, farm, target and kind, and the newest are kept', () => {
    for (const at of [1, 2, 3]) journal.record(recycleOf(`web0${at}`, startMs + at))
    journal.record({ ...recycleOf('web01', startMs + 4), farm: 'extranet' })
    journal.record(errorOf('web02', startMs + 5))
    journal.record({
      kind: 'deploy',
      atMs: startMs + 6,
      farm: 'intranet',
      maintenance: false,
      targets: ['web02', 'web03'],
    })
    const times = (found: readonly { atMs: number }[]) => found.map(({ atMs }) => atMs - startMs)
    expect(times(newest(2))).toEqual([5, 6])
    expect(times(newest(9, new Set(['recycle'])))).toEqual([1, 2, 3, 4])
    const span = { sinceMs: startMs + 2, untilMs: startMs + 4 }
    expect(times(journal.events(span, {}, undefined, 9))).toEqual([2, 3])
    expect(times(journal.events(always, { farm: 'extranet' }, undefined, 9))).toEqual([4])
    expect(times(journal.events(always, { farm: 'intranet', target: 'web02' }, undefined, 9))).toEqual([
      2, 5, 6,
    ])
    expect(times(journal.events(always, { target: 'balancer' }, undefined, 9))).toEqual([5])
  })
})

/** Probes and failures of the farm in a span that begins and ends so long after the start. */
const total = (from: number, to: number, stepMs?: number) =>
  journal
    .steps({ sinceMs: startMs + from, untilMs: startMs + to }, { farm: 'intranet' }, stepMs)
    .flatMap(({ steps }) => steps)
    .reduce((sum, { probes, failures }) => [(sum[0] ?? 0) + probes, (sum[1] ?? 0) + failures], [0, 0])

describe('rollups', () => {
  test('count every probe once, through the end of its minute and of its hour', async () => {
    for (let second = 0; second < 3 * 3600; second += 20) {
      await place.clock.advance(20_000)
      probe(
        startMs + second * 1000,
        second % 600 === 0 ? { reason: 'status', status: 502, role: 'balancer', target: 'balancer' } : {},
      )
    }
    expect(total(0, 3 * hourMs)).toEqual([540, 18])
    expect(total(0, 3 * hourMs, hourMs)).toEqual([540, 18])
    expect(total(0, 3 * hourMs, minuteMs)).toEqual([540, 18])
    expect(total(30 * minuteMs, 90 * minuteMs)).toEqual([180, 6])
  })

  test('have reasons, codes, quantiles and phases of each step', () => {
    for (const [index, firstByteMs] of [10, 20, 400].entries()) probe(startMs + index, { firstByteMs })
    probe(startMs + 10, { lane: 'burst', reason: 'status', status: 502, firstByteMs: 9000 })
    journal.missed({ farm: 'intranet', role: 'node', target: 'web01', check: 'home' }, 2)
    const [series] = journal.steps(always, { target: 'web01' }, minuteMs)
    const [step] = series?.steps ?? []
    expect(series?.subject).toEqual({ farm: 'intranet', role: 'node', target: 'web01', check: 'home' })
    expect(step).toMatchObject({ atMs: startMs, probes: 4, failures: 1, longestMs: 400 })
    expect(Object.fromEntries(step?.counts ?? [])).toEqual({
      'tick ok': 3,
      'tick 2xx': 3,
      'burst status': 1,
      'burst 502': 1,
      missed: 2,
    })
    expect(step && firstByteTimes(step)).toMatchObject({ count: 3, p50: expect.closeTo(20, 0), max: 400 })
    expect(step && meanPhases(step)).toMatchObject({ connect: 1, tls: 2, wait: 40 })
  })

  test('take in a probe that comes long after its minute was written', async () => {
    probe(startMs)
    await place.clock.advance(3 * minuteMs)
    probe(startMs + 100)
    await place.clock.advance(3 * minuteMs)
    const span = { sinceMs: startMs, untilMs: startMs + minuteMs }
    expect(journal.steps(span, {}, minuteMs)[0]?.steps).toMatchObject([{ probes: 2 }])
  })
})

describe('single probes', () => {
  test('of a target are kept from shortly before an event until shortly after it', async () => {
    for (let second = 0; second < 300; second += 5) {
      probe(startMs + second * 1000)
      probe(startMs + second * 1000, { target: 'web02' })
      if (second === 150) journal.record(recycleOf('web01', startMs + second * 1000))
      await place.clock.advance(5000)
    }
    const kept = journal.probes(always, { farm: 'intranet' }, 1000)
    const seconds = kept.map(({ startedMs }) => (startedMs - startMs) / 1000)
    expect([Math.min(...seconds), Math.max(...seconds)]).toEqual([90, 180])
    expect(new Set(kept.map(({ target }) => target))).toEqual(new Set(['web01']))
    expect(kept).toHaveLength(19)
  })

  test('that failed are kept with their evidence, the newest first, up to a limit', async () => {
    const evidence = { statusText: 'Bad Gateway', headers: [['Server', 'x']] as const, bodyStart: '<h1>502' }
    for (let second = 0; second < 100; second++)
      probe(startMs + second, {
        reason: 'status',
        status: 502,
        evidence,
        detail: `${second}`,
        traceId: 'abc',
      })
    await place.clock.advance(1000)
    const failures = journal.failures(always, { farm: 'intranet', target: 'web01' }, 2)
    expect(failures).toMatchObject([{ detail: '59', evidence }, { detail: '58' }])
    expect(failures[0]).toEqual(
      sampleOutcome({
        startedMs: startMs + 59,
        slotMs: startMs + 59,
        id: `${startMs + 59}`,
        reason: 'status',
        status: 502,
        evidence,
        detail: '59',
        traceId: 'abc',
      }),
    )
  })

  test('of a version that had a flag for lateness are read: nothing of their times was certain', async () => {
    for (const [second, suspect] of [true, false].entries()) {
      const { latenessMs: _, ...before } = sampleOutcome({
        startedMs: startMs + second,
        reason: 'closed',
        totalMs: 70,
      })
      journal.observe({ ...before, suspect } as unknown as Outcome)
    }
    await place.clock.advance(1000)
    const found = journal.failures(always, {}, 2).map(({ latenessMs }) => latenessMs)
    expect(found).toEqual([0, 70])
  })
})

describe('notes', () => {
  test('tell of the start, of marks and of the stop', async () => {
    journal.note({ kind: 'mark', atMs: startMs + 1, text: 'set AlwaysRunning on web03', farm: 'intranet' })
    journal.note({ kind: 'mark', atMs: startMs + 2, text: 'new switch' })
    expect(journal.marks(always, { farm: 'extranet' })).toMatchObject([{ text: 'new switch' }])
    expect(journal.marks(always, { farm: 'intranet', target: 'web01' })).toHaveLength(2)
    journal.close()
    const kinds = place.read((reader) => reader.notes(always, {}, undefined)).map(({ kind }) => kind)
    expect(kinds).toEqual(['start', 'stop', 'mark', 'mark'])
  })

  test('tell of the time between two processes, and how the first one ended', async () => {
    await place.clock.advance(10_000)
    journal.close()
    await place.clock.advance(hourMs)
    journal = place.open()
    expect(journal.blind(always, {})).toEqual([
      { atMs: startMs + 10_000, untilMs: startMs + 10_000 + hourMs, sentence: 'farmprobe was stopped' },
    ])
  })

  test('tell of the time in which our own loop was late', () => {
    const late = { latenessMs: 200, totalMs: 500 }
    probe(startMs)
    probe(startMs + 1000, late)
    probe(startMs + 2000, late)
    probe(startMs + 3000)
    journal.note({ kind: 'prober_restart', atMs: startMs, prober: 0 })
    expect(journal.blind(always, { farm: 'intranet' })).toEqual([
      {
        atMs: startMs + 1000,
        untilMs: startMs + 2500,
        farm: 'intranet',
        sentence: 'farmprobe was starved of CPU: its samples are not used as evidence',
      },
    ])
  })
})

test('what is too old goes, and the rest stays', async () => {
  journal.close()
  journal = place.open({ keepMs: 2 * dayMs })
  const look = () => ({
    events: newest(10).map((event) => event.kind),
    minutes: journal.steps(always, {}, minuteMs).flatMap(({ steps }) => steps).length,
    hours: journal.steps(always, {}, hourMs).flatMap(({ steps }) => steps).length,
    probes: journal.probes(always, {}, 10).length,
  })
  probe(startMs, { reason: 'refused', status: 0 })
  journal.record(outageOf('web01', startMs, 1000))
  await place.clock.advance(hourMs)
  probe(startMs + hourMs)
  journal.record(recycleOf('web01', startMs + hourMs))
  expect(look()).toEqual({ events: ['outage_closed', 'recycle'], minutes: 2, hours: 2, probes: 2 })
  await place.clock.advance(dayMs)
  expect(look()).toEqual({ events: ['outage_closed', 'recycle'], minutes: 2, hours: 2, probes: 1 })
  await place.clock.advance(dayMs - hourMs / 2)
  expect(look()).toEqual({ events: ['recycle'], minutes: 1, hours: 1, probes: 0 })
  expect(journal.oldestMs()).toBe(startMs + hourMs)
})

describe('a wall clock that was set wrongly', () => {
  test('for less than an hour deletes nothing, whether it jumps or is wrong from the start', async () => {
    journal.record(recycleOf('web01', startMs))
    await place.clock.advance(hourMs)
    place.clock.jumpWall(1000 * dayMs)
    await place.clock.advance(hourMs / 2)
    expect(newest(10).map(({ kind }) => kind)).toEqual(['recycle'])
    place.clock.jumpWall(-1000 * dayMs)
    await place.clock.advance(hourMs / 2)
    journal.close()
    place.clock.jumpWall(1000 * dayMs)
    journal = place.open()
    await place.clock.advance(hourMs / 2)
    expect(newest(10).map(({ kind }) => kind)).toEqual(['recycle'])
    await place.clock.advance(hourMs)
    expect(newest(10).map(({ kind }) => kind)).toEqual([])
  })

  test.each([1000, -1000])('by %d days leaves no time unwatched but what was', async (days) => {
    probe(startMs)
    await place.clock.advance(hourMs)
    const stoppedMs = place.clock.wallMs()
    journal.close()
    place.clock.jumpWall(days * dayMs)
    journal = place.open()
    await place.clock.advance(1000)
    journal.close()
    place.clock.jumpWall(-days * dayMs)
    journal = place.open()
    await place.clock.advance(1000)
    const untilMs = place.clock.wallMs()
    const blind = journal.blind({ sinceMs: startMs, untilMs }, { farm: 'intranet' })
    expect(blind.filter((each) => each.atMs < stoppedMs - hourMs || each.untilMs > untilMs)).toEqual([])
    expect(blind.length).toBeLessThanOrEqual(1)
  })
})

test('a monitor is saved as it is when the events recorded before it are written', async () => {
  let told = 0
  journal.saveMonitor('intranet', 'state', () => ({ told }))
  journal.saveMonitor('intranet', 'baselines', () => ({ series: [] }))
  told = 7
  await place.clock.advance(1000)
  journal.close()
  expect(place.open().loadMonitors()).toEqual(
    new Map([['intranet', { state: { told: 7 }, baselines: { series: [] } }]]),
  )
})
