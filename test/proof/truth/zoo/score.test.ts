import { describe, expect, it } from 'vitest'
import { inForm } from '../../../../proof/truth/plan.ts'
import type { RecordedProbe, Recording } from '../../../../proof/truth/zoo/recording/recording.ts'
import { explain } from '../../../../proof/truth/zoo/score/explain.ts'
import { scoreFarm } from '../../../../proof/truth/zoo/score/score.ts'
import { watchSimulated } from '../../../../proof/truth/zoo/score/simulated_farm.ts'
import type { BalancerError, FarmEvent, FirstRequest, Recycle } from '../../../../src/model/event.ts'
import { failed, firstRequest, probe, recording, stall, startMs, worker } from './sample_recording.ts'

const plain = { farm: 'sample', maintenance: false } as const

const told = (atMs: number, confidence = 0.9): Recycle => ({
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

/** With these probes alone in the time of that stall: no tick met it either. */
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

const toldStall = (atMs: number, lengthMs: number) =>
  ({ ...plain, kind: 'stall', target: 'web01', atMs: startMs + atMs, lengthMs }) as unknown as FarmEvent

const toldFirst = (atMs: number, firstByteMs: number): FirstRequest => ({
  ...plain,
  kind: 'first_request',
  target: 'web01',
  check: 'home',
  atMs: startMs + atMs,
  firstByteMs,
  reason: 'ok',
})

/** A new worker's first request; ours, unless a test says whose it was. */
const withFirst = (first: Parameters<typeof firstRequest>[0], ...probes: readonly RecordedProbe[]) => {
  const bare = recording({}, probes)
  const ours = bare.probes.find(({ outcome }) => outcome.startedMs === startMs + 60_500)?.outcome.id ?? ''
  return { ...bare, truth: [worker(), stall(), firstRequest({ id: ours, ...first })] }
}

describe('recycles', () => {
  const whole = recording({ truth: [worker(), stall()] }, [waited])

  it('are found where one is told of that time, and missed where none is', () => {
    expect(score(whole, told(60_500)).recycles).toMatchObject({
      happened: 1,
      due: 1,
      found: 1,
      told: 1,
      right: 1,
    })
    expect(score(whole).recycles).toMatchObject({ happened: 1, due: 1, found: 0, told: 0, right: 0 })
  })

  it('are told wrongly a second time, at another time, and where nothing happened', () => {
    expect(score(whole, told(60_500), told(61_000)).recycles).toMatchObject({ told: 2, right: 1 })
    expect(score(whole, told(80_000)).recycles).toMatchObject({ found: 0, told: 1, right: 0 })
    expect(score(recording(), told(80_000)).recycles.claims).toEqual([{ confidence: 0.9, right: false }])
  })

  it('are due where a probe was in flight for half a second, or failed, and not where none met them', () => {
    const quick = [probe(61_800, 220, {}, { token: 'new', endMs: startMs + 62_020 })]
    // No tick of the time in which it stood still either.
    const gap = [probe(59_800, 10), probe(62_100, 10)]
    expect(score(only(gap)).recycles).toMatchObject({ happened: 1, due: 0 })
    expect(score(only(quick)).recycles).toMatchObject({ due: 0 })
    expect(score(only([failed(61_000, 1, 'refused')])).recycles).toMatchObject({ due: 1 })
    expect(score(only([waited])).recycles).toMatchObject({ due: 1 })
  })

  it('are due where identity shows the new worker, whatever was met of its start', () => {
    const shown = recording({ identity: true, truth: [worker({ preloaded: true })] }, [
      probe(70_000, 10, { identity: 'new' }, { token: 'new' }),
    ])
    expect(score(shown).recycles).toMatchObject({ due: 1, found: 0 })
    expect(score(shown, told(70_000)).recycles).toMatchObject({ due: 1, found: 1, right: 1 })
  })

  it('of one worker of several are met by whom the new one kept waiting, and by nobody else', () => {
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

  it('of all workers of a node at once are one, of which each may be told', () => {
    const both = [
      worker({ of: 2, token: 'new' }),
      worker({ of: 2, worker: 1, token: 'newer', atMs: startMs + 60_200 }),
    ]
    const together = recording({ truth: [...both, stall()] }, [waited])
    expect(score(together, told(60_500), told(60_600)).recycles).toMatchObject({
      happened: 1,
      due: 1,
      found: 1,
      right: 2,
    })
  })

  it('are not asked for where the server only started one more', () => {
    const grown = recording({ truth: [worker({ of: 4, grown: true })] }, [waited])
    expect(score(grown).recycles).toMatchObject({ happened: 0, due: 0 })
    expect(score(grown, told(60_500)).recycles).toMatchObject({ told: 1, right: 1 })
  })
})

describe('stalls', () => {
  const whole = recording({ truth: [stall()] }, [waited])

  it('are found where one is told that overlaps, with how far its end is off', () => {
    expect(score(whole, toldStall(60_500, 1600)).stalls).toMatchObject({
      due: 1,
      found: 1,
      told: 1,
      right: 1,
      endOffMs: [90],
    })
    expect(score(whole).stalls).toMatchObject({ due: 1, found: 0 })
  })

  it('are told wrongly where the node answered, and are then nobodys in bad weather', () => {
    const weather = { kind: 'weather', atMs: startMs + 79_000, toMs: startMs + 82_000, addMs: 400 } as const
    const calm = recording({ truth: [weather] })
    expect(score(calm, toldStall(50_000, 1000)).stalls).toMatchObject({ told: 1, right: 0, nobodys: 0 })
    expect(score(calm, toldStall(80_000, 1000)).stalls).toMatchObject({ told: 1, right: 0, nobodys: 1 })
  })

  it('are not due to the request that was the cause', () => {
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
  it('are held against the log of that very request', () => {
    const whole = withFirst({}, waited)
    expect(score(whole, toldFirst(60_500, 1510)).firsts).toMatchObject({
      own: 1,
      told: 1,
      off: [{ ms: 0, share: 0 }],
    })
    expect(score(whole, toldFirst(60_500, 1200)).firsts.off).toMatchObject([{ ms: 310 }])
    expect(score(whole).firsts).toMatchObject({ own: 1, told: 0, off: [] })
  })

  it('are not ours to tell where a user waited longer', () => {
    const user = { from: 'user', id: 'user-1', atMs: startMs + 60_000, ms: 2010 } as const
    const late = probe(61_700, 310, {}, { token: 'new', cameMs: startMs + 62_001, endMs: startMs + 62_010 })
    const whole = withFirst(user, late)
    expect(score(whole, toldFirst(61_700, 310)).firsts).toMatchObject({
      own: 0,
      told: 0,
      othersTold: 1,
      off: [],
    })
    expect(score(withFirst({ ...user, ms: 1500 }, waited), toldFirst(60_500, 1510)).firsts).toMatchObject({
      othersTold: 0,
    })
  })

  it('are none where the worker that answered was not new', () => {
    const old = withFirst({}, waited, probe(90_000, 700, {}, { token: 'old', endMs: startMs + 90_700 }))
    expect(score(old, toldFirst(90_000, 700)).firsts).toMatchObject({ othersTold: 1 })
  })

  it('are counted apart where another check had waited before', () => {
    const warm = withFirst({}, waited, probe(63_000, 300, {}, { token: 'new', endMs: startMs + 63_300 }))
    expect(score(warm, toldFirst(63_000, 300)).firsts).toMatchObject({ warmTold: 1, othersTold: 0, off: [] })
  })
})

describe("the balancer's errors", () => {
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
  const said = (node: string, cause: BalancerError['cause']): BalancerError => ({
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
  ] as const)('put down to %s and %s', (node, cause, counts) => {
    expect(score(whole, said(node, cause)).blame).toMatchObject({ errors: 1, ...counts })
  })

  it('of which nothing is said are unknown', () => {
    expect(score(whole).blame).toMatchObject({ errors: 1, named: 0 })
  })
})

describe('an explanation', () => {
  it('tells each miss with what the probes saw around it and what the servers wrote down', () => {
    const whole = recording({ truth: [worker(), stall()] }, [waited])
    const farm = { recording: whole, events: [told(80_000, 0.75)] }
    const [missed, wrong, ...more] = explain(whole, scoreFarm(farm))
    expect(more).toEqual([])
    expect(missed?.split('\n').slice(0, 10)).toEqual([
      "sample-1s-without seed 1 +30.00 web01: MISSED: missed a recycle (requests): the old worker's last +29.90, the new one born +30.00, ready +32.00, warm +32.01; a probe met 1510 ms of it",
      '    log +30.00 web01: new worker new (requests), the last one until +29.90, ready +32.00, warm +32.01',
      '    log +29.90 web01: stall (start) until +32.01',
      '    probe +25.00 tick web01 home: 10 ms ok; no application had it',
      '    probe +26.00 tick web01 home: 10 ms ok; no application had it',
      '    probe +27.00 tick web01 home: 10 ms ok; no application had it',
      '    probe +28.00 tick web01 home: 10 ms ok; no application had it',
      '    probe +29.00 tick web01 home: 10 ms ok; no application had it',
      '    probe +30.00 tick web01 home: 10 ms ok; no application had it',
      '    probe +30.50 tick web01 home: 1510 ms ok; new had it after 1501 ms for 9 ms',
    ])
    expect(wrong?.split('\n')[0]).toBe(
      'sample-1s-without seed 1 +50.00 web01: WRONG: told of a recycle by cold_start (75 %) that was none',
    )
  })
})

describe('the same score', () => {
  it('serves simulated farms', async () => {
    const farm = await watchSimulated(inForm('crashes', 'without'), 1, 86_400_000)
    const { recycles, stalls, firsts } = scoreFarm(farm)
    expect(recycles.due).toBeGreaterThan(5)
    expect(recycles).toMatchObject({ found: recycles.due, right: recycles.told })
    expect(stalls.due).toBe(recycles.due)
    expect(firsts.off.length).toBeGreaterThan(5)
    expect(Math.max(...firsts.off.map(({ ms }) => ms))).toBeLessThan(100)
  })
})
