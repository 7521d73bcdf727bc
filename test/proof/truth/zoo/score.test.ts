import { describe, expect, it } from 'vitest'
import { inForm } from '../../../../proof/truth/jobs.ts'
import type { RecordedProbe, Recording } from '../../../../proof/truth/zoo/recording/recording.ts'
import { explain } from '../../../../proof/truth/zoo/score/explain.ts'
import { scoreFarm } from '../../../../proof/truth/zoo/score/score.ts'
import { watchSimulated } from '../../../../proof/truth/zoo/score/simulated_farm.ts'
import type { BalancerError, FarmEvent, FirstRequest, Recycle } from '../../../../src/model/event.ts'
import { failed, firstRequest, probe, recording, stall, startMs, worker } from './sample_recording.ts'

const plain = { farm: 'sample', maintenance: false } as const

const recycled = (atMs: number, confidence = 0.9): Recycle => ({
  ...plain,
  kind: 'recycle',
  target: 'web01',
  atMs: startMs + atMs,
  evidence: 'cold_start',
  confidence,
})

const score = (of: Recording, ...events: readonly FarmEvent[]) => scoreFarm({ recording: of, events })

const waited: RecordedProbe = probe(
  60_500,
  1510,
  {},
  { token: 'new', cameMs: startMs + 62_001, endMs: startMs + 62_010 },
)

/** Only these probes in the time of the stall: its ticks are removed. */
const only = (probes: readonly RecordedProbe[]) => {
  const all = recording({ truth: [worker(), stall()] }, probes)
  return {
    ...all,
    probes: all.probes.filter(
      ({ outcome }) =>
        outcome.startedMs < startMs + 59_900 ||
        outcome.startedMs > startMs + 62_010 ||
        outcome.totalMs > 20 ||
        outcome.reason !== 'ok',
    ),
  }
}

const stalled = (atMs: number, lengthMs: number) =>
  ({ ...plain, kind: 'stall', target: 'web01', atMs: startMs + atMs, lengthMs }) as unknown as FarmEvent

const firstRequested = (atMs: number, firstByteMs: number): FirstRequest => ({
  ...plain,
  kind: 'first_request',
  target: 'web01',
  check: 'home',
  atMs: startMs + atMs,
  firstByteMs,
  reason: 'ok',
})

/** A new worker with its first request: the probe at 60.5 s, unless `first` differs. */
const withFirst = (first: Parameters<typeof firstRequest>[0], ...probes: readonly RecordedProbe[]) => {
  const bare = recording({}, probes)
  const ours = bare.probes.find(({ outcome }) => outcome.startedMs === startMs + 60_500)?.outcome.id ?? ''
  return { ...bare, truth: [worker(), stall(), firstRequest({ id: ours, ...first })] }
}

describe('recycles', () => {
  const whole = recording({ truth: [worker(), stall()] }, [waited])

  it('are found when one is reported at that time, and missed otherwise', () => {
    expect(score(whole, recycled(60_500)).recycles).toMatchObject({
      happened: 1,
      due: 1,
      found: 1,
      reported: 1,
      right: 1,
    })
    expect(score(whole).recycles).toMatchObject({ happened: 1, due: 1, found: 0, reported: 0, right: 0 })
  })

  it('are wrong when reported twice, at another time, or without any recycle', () => {
    expect(score(whole, recycled(60_500), recycled(61_000)).recycles).toMatchObject({ reported: 2, right: 1 })
    expect(score(whole, recycled(80_000)).recycles).toMatchObject({ found: 0, reported: 1, right: 0 })
    expect(score(recording(), recycled(80_000)).recycles.claims).toEqual([{ confidence: 0.9, right: false }])
  })

  it('are due when a probe was in flight for half a second or failed, and not otherwise', () => {
    const quick = [probe(61_800, 220, {}, { token: 'new', endMs: startMs + 62_020 })]
    const gap = [probe(59_800, 10), probe(62_100, 10)]
    expect(score(only(gap)).recycles).toMatchObject({ happened: 1, due: 0 })
    expect(score(only(quick)).recycles).toMatchObject({ due: 0 })
    expect(score(only([failed(61_000, 1, 'refused')])).recycles).toMatchObject({ due: 1 })
    expect(score(only([waited])).recycles).toMatchObject({ due: 1 })
  })

  it('are due when identity shows the new worker, even if no probe met its start', () => {
    const shown = recording({ identity: true, truth: [worker({ preloaded: true })] }, [
      probe(70_000, 10, { identity: 'new' }, { token: 'new' }),
    ])
    expect(score(shown).recycles).toMatchObject({ due: 1, found: 0 })
    expect(score(shown, recycled(70_000)).recycles).toMatchObject({ due: 1, found: 1, right: 1 })
  })

  it('of one worker of several concern only the probes that it answered or that failed with its predecessor', () => {
    const garden = { truth: [worker({ of: 4 })] }
    const byAnother = recording(garden, [probe(60_500, 900, {}, { token: 'another' })])
    expect(score(byAnother).recycles).toMatchObject({ happened: 1, due: 0 })
    expect(score(recording(garden, [waited])).recycles).toMatchObject({
      due: 1,
      dueOfSeveral: 1,
      foundOfSeveral: 0,
    })
    const broken = recording({ truth: [worker({ of: 4 })] }, [failed(59_000, 900, 'reset')])
    expect(score(broken).recycles).toMatchObject({ due: 1, dueOfSeveral: 1 })
  })

  it('of all workers of a node at once are one, and each worker may be reported', () => {
    const both = [
      worker({ of: 2, token: 'new' }),
      worker({ of: 2, worker: 1, token: 'newer', atMs: startMs + 60_200 }),
    ]
    const together = recording({ truth: [...both, stall()] }, [waited])
    expect(score(together, recycled(60_500), recycled(60_600)).recycles).toMatchObject({
      happened: 1,
      due: 1,
      found: 1,
      right: 2,
    })
  })

  it('of an added worker are not due, and right when reported', () => {
    const grown = recording({ truth: [worker({ of: 4, grown: true })] }, [waited])
    expect(score(grown).recycles).toMatchObject({ happened: 0, due: 0 })
    expect(score(grown, recycled(60_500)).recycles).toMatchObject({ reported: 1, right: 1 })
  })
})

describe('stalls', () => {
  const whole = recording({ truth: [stall()] }, [waited])

  it('are found when a reported one overlaps, with the error of its end', () => {
    expect(score(whole, stalled(60_500, 1600)).stalls).toMatchObject({
      due: 1,
      found: 1,
      reported: 1,
      right: 1,
      endOffMs: [90],
    })
    expect(score(whole).stalls).toMatchObject({ due: 1, found: 0 })
  })

  it('are wrong when the node answered, and neither right nor wrong during network trouble', () => {
    const weather = { kind: 'weather', atMs: startMs + 79_000, toMs: startMs + 82_000, addMs: 400 } as const
    const calm = recording({ truth: [weather] })
    expect(score(calm, stalled(50_000, 1000)).stalls).toMatchObject({ reported: 1, right: 0, undecided: 0 })
    expect(score(calm, stalled(80_000, 1000)).stalls).toMatchObject({ reported: 1, right: 0, undecided: 1 })
  })

  it('are not due because of the request that caused them', () => {
    const busy = recording({}, [probe(60_500, 1510)])
    const id = busy.probes.find(({ outcome }) => outcome.totalMs === 1510)?.outcome.id ?? ''
    const truth = [stall({ cause: 'busy', atMs: startMs + 60_500, busyWith: [id] })]
    const alone = { ...busy, truth, probes: busy.probes.filter(({ outcome }) => outcome.id === id) }
    expect(score(alone).stalls).toMatchObject({ due: 0 })
    expect(score({ ...alone, truth: [stall({ ...truth[0], busyWith: [] })] }).stalls).toMatchObject({
      due: 1,
    })
  })
})

describe('first requests', () => {
  it('are compared with the log of that very request', () => {
    const whole = withFirst({}, waited)
    expect(score(whole, firstRequested(60_500, 1510)).firsts).toMatchObject({
      own: 1,
      reported: 1,
      off: [{ ms: 0, share: 0 }],
    })
    expect(score(whole, firstRequested(60_500, 1200)).firsts.off).toMatchObject([{ ms: 310 }])
    expect(score(whole).firsts).toMatchObject({ own: 1, reported: 0, off: [] })
  })

  it('are wrong when a user waited longer', () => {
    const user = { from: 'user', id: 'user-1', atMs: startMs + 60_000, ms: 2010 } as const
    const late = probe(61_700, 310, {}, { token: 'new', cameMs: startMs + 62_001, endMs: startMs + 62_010 })
    const whole = withFirst(user, late)
    expect(score(whole, firstRequested(61_700, 310)).firsts).toMatchObject({
      own: 0,
      reported: 0,
      reportedForOthers: 1,
      off: [],
    })
    expect(
      score(withFirst({ ...user, ms: 1500 }, waited), firstRequested(60_500, 1510)).firsts,
    ).toMatchObject({
      reportedForOthers: 0,
    })
  })

  it('are wrong when the worker was not new', () => {
    const old = withFirst({}, waited, probe(90_000, 700, {}, { token: 'old', endMs: startMs + 90_700 }))
    expect(score(old, firstRequested(90_000, 700)).firsts).toMatchObject({ reportedForOthers: 1 })
  })

  it('are counted apart when the request of another check had warmed the worker', () => {
    const warm = withFirst({}, waited, probe(63_000, 300, {}, { token: 'new', endMs: startMs + 63_300 }))
    expect(score(warm, firstRequested(63_000, 300)).firsts).toMatchObject({
      reportedWarm: 1,
      reportedForOthers: 0,
      off: [],
    })
  })
})

describe('balancer errors', () => {
  const error = {
    kind: 'balancer_error',
    status: 504,
    node: 'web01',
    nodes: ['web01'],
    firstByteMs: 1500,
  } as const
  const truth = {
    ...error,
    atMs: startMs + 60_500,
    id: 'p1',
    cause: 'cold_start',
    alsoRight: ['recycle'],
  } as const
  const whole = recording({ truth: [truth] })
  const attributed = (node: string, cause: BalancerError['cause']): BalancerError => ({
    ...plain,
    kind: 'balancer_error',
    check: 'home',
    lane: 'tick',
    origin: 'nginx',
    id: 'p1',
    atMs: truth.atMs,
    status: 504,
    firstByteMs: 1500,
    node,
    cause,
  })

  it.each([
    ['web01', 'recycle', { named: 1, right: 1, causeNamed: 1, causeRight: 1 }],
    ['web01', 'node_down', { named: 1, right: 1, causeNamed: 1, causeRight: 0 }],
    ['web01', 'unknown', { named: 1, right: 1, causeNamed: 0, causeRight: 0 }],
    ['web02', 'recycle', { named: 1, right: 0, causeNamed: 0, causeRight: 0 }],
    ['unknown', 'unknown', { named: 0, right: 0, causeNamed: 0, causeRight: 0 }],
  ] as const)('attributed to %s and %s', (node, cause, counts) => {
    expect(score(whole, attributed(node, cause)).blame).toMatchObject({ errors: 1, ...counts })
  })

  it('that are not reported are unknown', () => {
    expect(score(whole).blame).toMatchObject({ errors: 1, named: 0 })
  })
})

describe('an explanation', () => {
  const stalled = {
    ...plain,
    kind: 'stall',
    atMs: startMs + 60_500,
    target: 'web01',
    lengthMs: 1510,
    probes: 2,
  } as const

  it('shows each miss with the probes around it and what the logs say', () => {
    const whole = recording({ truth: [worker(), stall()] }, [waited])
    const farm = { recording: whole, events: [stalled, recycled(80_000, 0.75)] }
    const [missed, wrong, ...more] = explain(whole, scoreFarm(farm))
    expect(more).toEqual([])
    expect(missed?.split('\n').slice(0, 10)).toEqual([
      'sample-1s-without seed 1 +30.00 web01: MISSED: missed a recycle (requests): old worker until +29.90, new one started +30.00, ready +32.00, warm +32.01; a probe met 1510 ms',
      '    log +30.00 web01: new worker new (requests), old one until +29.90, ready +32.00, warm +32.01',
      '    log +29.90 web01: stall (start) until +32.01',
      '    probe +25.00 tick web01 home: 10 ms ok; not received by an application',
      '    probe +26.00 tick web01 home: 10 ms ok; not received by an application',
      '    probe +27.00 tick web01 home: 10 ms ok; not received by an application',
      '    probe +28.00 tick web01 home: 10 ms ok; not received by an application',
      '    probe +29.00 tick web01 home: 10 ms ok; not received by an application',
      '    probe +30.00 tick web01 home: 10 ms ok; not received by an application',
      '    probe +30.50 tick web01 home: 1510 ms ok; received by new after 1501 ms, answered in 9 ms',
    ])
    expect(wrong?.split('\n')[0]).toBe(
      'sample-1s-without seed 1 +50.00 web01: WRONG: reported a recycle (cold_start, 75 %) that did not happen',
    )
  })
})

describe('the same scores', () => {
  it('work for simulated farms', async () => {
    const farm = await watchSimulated(inForm('crashes', 'without'), 1, 86_400_000)
    const { recycles, stalls } = scoreFarm(farm)
    expect(recycles.due).toBeGreaterThan(5)
    expect(recycles).toMatchObject({ found: recycles.due, right: recycles.reported })
    expect(stalls.due).toBe(recycles.due)
  }, 60_000)

  it('of first requests, too', async () => {
    const { firsts } = scoreFarm(await watchSimulated(inForm('everything', 'identity'), 1, 43_200_000))
    expect(firsts.off.length).toBeGreaterThan(0)
    expect(Math.max(...firsts.off.map(({ ms }) => ms))).toBeLessThan(100)
  }, 60_000)
})
