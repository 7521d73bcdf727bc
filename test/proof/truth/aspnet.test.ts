import { describe, expect, it } from 'vitest'
import { farmTruth, type NodeLogs } from '../../../proof/truth/aspnet/farm_truth.ts'
import { goalsOf } from '../../../proof/truth/aspnet/goals.ts'
import type { NodeLine, Note } from '../../../proof/truth/aspnet/node.ts'
import { workersOf } from '../../../proof/truth/aspnet/node_truth.ts'
import { scoreAspnet } from '../../../proof/truth/aspnet/score.ts'
import { ofKind } from '../../../proof/truth/span.ts'
import type { FarmEvent } from '../../../src/model/event.ts'
import { scenario } from '../../../src/simulator/farm/blueprint_parts.ts'

const host = 'shop.test'
const second = 1000

/** Two workers: the first from 0 to 60 s, the second asked for at 61 s, started at 62 s and ready at 66 s. */
const notes: readonly Note[] = [
  { what: 'start', atMs: 1, started: '1', processMs: 0 },
  { what: 'ready', atMs: 3 * second, started: '1' },
  { what: 'first', atMs: 3100, started: '1' },
  { what: 'exit', atMs: 60 * second, started: '1' },
  { what: 'start', atMs: 63 * second, started: '63000', processMs: 62 * second },
  { what: 'ready', atMs: 66 * second, started: '63000' },
  { what: 'first', atMs: 66_300, started: '63000' },
]

const line = (id: string, atMs: number, tookMs: number, started = '63000'): NodeLine => ({
  id,
  atMs,
  tookMs,
  started,
  host,
  status: 200,
})

/** The first request, another that waited behind it for longer than the first, and warm ones. */
const requests: readonly NodeLine[] = [
  line('warm', 30 * second, 2, '1'),
  line('through', 61 * second, 6 * second),
  line('first', 61_500, 6500),
  line('late', 67_500, 2000),
  line('calm', 80 * second, 2),
]

const node: NodeLogs = { name: 'web01', address: '127.0.0.1:21001', notes, requests }

const error = (id: string, atMs: number, tookMs: number, status = 504, asked = node.address) => ({
  id,
  host,
  atMs,
  status,
  node: asked,
  upstream: '',
  tookMs,
})

const log = [
  error('through', 61 * second, 2000),
  error('in the queue', 69 * second, 2000),
  error('slow page', 85 * second, 2000),
  error('down', 90 * second, 3, 502),
  error('nobody asked', 91 * second, 0, 503, ''),
  { ...error('other farm', 62 * second, 2000), host: 'other.test' },
  error('fine', 92 * second, 3, 200),
]

const known = () => farmTruth(host, [node], log, 2000)

describe('what the logs of a node say', () => {
  it('tells workers apart, and when each was warm for everybody who had waited', () => {
    const [, second] = workersOf('web01', notes, requests)
    expect(workersOf('web01', notes, requests)).toHaveLength(2)
    expect(second).toMatchObject({ token: '63000', processMs: 62_000, sinceMs: 60_000, warmMs: 69_500 })
  })

  it('makes a recycle of every worker but the one that was there before', () => {
    const { truth } = known()
    expect(ofKind(truth, 'recycle')).toMatchObject([
      { atMs: 61_000, servesMs: 63_000, coldMs: 4000, node: 'web01', token: '63000' },
    ])
    expect(ofKind(truth, 'first_request')).toMatchObject([{ atMs: 61_000, ms: 6000 }])
  })

  it('takes for the first request of a farm the first that it sent to the node itself', () => {
    expect(known().firsts.map(({ line: { id } }) => id)).toEqual(['first'])
  })

  it('takes for warm what a warm worker answered', () => {
    expect(known().witnessed.warmTimes.quantileMs('web01', 'home', 1)).toBeCloseTo(2, 1)
  })

  it("says of each of the farm's balancer errors whose it was and why", () => {
    const told = ofKind(known().truth, 'balancer_error').map(({ id, node, cause }) => [id, node, cause])
    expect(told).toEqual([
      ['through', 'web01', 'cold_start'],
      ['in the queue', 'web01', 'cold_start'],
      ['slow page', 'web01', 'timeout'],
      ['down', 'web01', 'node_down'],
      ['nobody asked', 'balancer', 'balancer'],
    ])
  })
})

const plain = { farm: 'shop', maintenance: false } as const
const events: readonly FarmEvent[] = [
  { ...plain, kind: 'recycle', atMs: 61_500, target: 'web01', evidence: 'identity', confidence: 1 },
  {
    ...plain,
    kind: 'first_request',
    atMs: 61_490,
    target: 'web01',
    check: 'home',
    firstByteMs: 6600,
    reason: 'ok',
  },
]
const score = (told: readonly FarmEvent[]) => {
  const { truth, witnessed, firsts } = known()
  const times = { startMs: 0, endMs: 200_000, scored: { fromMs: 10_000, toMs: 100_000 } }
  const farm = scenario('shop', 'One node.', { identity: true })
  return scoreAspnet({ scenario: farm, ...times, events: told, truth, witnessed }, firsts)
}
const result = (told: readonly FarmEvent[], identity = true) => ({
  farm: { name: 'shop', product: 'nginx', identity } as const,
  score: score(told),
})

const met = (told: readonly FarmEvent[]) =>
  goalsOf([result(told), result(told, false)])
    .filter((goal) => goal.met)
    .map(({ what }) => what)

describe('scoring a farm of the proof', () => {
  it('holds a first request against the log of that very request', () => {
    const { told, off } = score(events).firsts
    expect(told).toBe(1)
    expect(off[0]).toBeCloseTo(100 / 6500, 6)
    expect(score([]).firsts).toMatchObject({ due: 1, told: 0 })
  })

  it('leaves out what happened outside the time that is scored', () => {
    expect(score(events).recycles).toMatchObject({ due: 1, dueFound: 1, wrong: 0 })
    const tooLate = events.map((event) => ({ ...event, atMs: 150_000 }))
    expect(score(tooLate).recycles).toMatchObject({ dueFound: 0, told: 0, wrong: 0 })
  })

  it('has no goal met in silence, nor of nothing', () => {
    expect(met([])).toEqual([])
    expect(met(events)).toContain('recycles with identity: recall')
    expect(met(events)).toContain("first-request times within 10 % of the node's own log")
  })

  it('misses the goal where a first request is told a tenth and more too long', () => {
    const tooLong = events.map((event) =>
      event.kind === 'first_request' ? { ...event, firstByteMs: 7200 } : event,
    )
    const goals = goalsOf([result(tooLong), result(tooLong, false)])
    const near = goals.find(({ what }) => what.startsWith('first-request times'))
    expect(near).toMatchObject({ good: 0, of: 2, met: false })
  })
})
