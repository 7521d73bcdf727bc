/** The logs of a farm of two nodes whose first is restarted at 60 s. */
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../../../proof/truth/zoo/kind.ts'
import type { FarmLogs } from '../../../../proof/truth/zoo/run/run_farm.ts'
import { farmTruth } from '../../../../proof/truth/zoo/truth/farm_truth.ts'
import { ofKind } from '../../../../proof/truth/zoo/truth/vocabulary.ts'
import type { Outcome } from '../../../../src/model/outcome.ts'
import { sampleOutcome } from '../../../support/farms/sample_farm.ts'

const kind: Kind = {
  name: 'sample',
  about: 'a sample',
  needs: [],
  coldMs: 2000,
  slowMs: 600,
  concurrency: { workers: 1, threads: 10 },
  cause: 'requests',
  balancer: { product: 'nginx', timeoutMs: 1500 },
  users: { perSecond: 1 },
  cpuPercent: 1,
  startNode: () => Promise.reject(new Error('it is a sample')),
}

const born = (pid: number, bornMs: number, readyMs: number) => [
  JSON.stringify({ what: 'born', atMs: bornMs, pid, worker: `w${pid}`, bornMs }),
  JSON.stringify({ what: 'ready', atMs: readyMs, pid, worker: `w${pid}` }),
]

const request = (pid: number, id: string, cameMs: number, atMs: number) =>
  JSON.stringify({ what: 'request', atMs, pid, worker: `w${pid}`, cameMs, id, path: '/', status: 200 })

const outcome = (
  id: string,
  target: string,
  startedMs: number,
  totalMs: number,
  changes: Partial<Outcome> = {},
) => ({
  outcome: sampleOutcome({
    id,
    target,
    role: target === 'balancer' ? 'balancer' : 'node',
    startedMs,
    totalMs,
    phaseMs: { connect: 1 },
    ...changes,
  }),
  postedMs: startedMs + totalMs,
})

const failedThere = (id: string, startedMs: number, totalMs: number, status = 504) =>
  outcome(id, 'balancer', startedMs, totalMs, { reason: 'status', status })

const line = (id: string, tried: readonly string[], error = '') => ({
  id,
  atMs: 0,
  tookMs: 0,
  status: 504,
  tried,
  error,
})

const logs: FarmLogs = {
  config: {},
  startMs: 1000,
  endMs: 120_000,
  scored: { fromMs: 30_000, toMs: 100_000 },
  nodes: [
    {
      name: 'web01',
      address: '127.0.0.2:80',
      lines: [
        ...born(1, 0, 100),
        JSON.stringify({ what: 'end', atMs: 60_000, pid: 1, worker: 'w1' }),
        ...born(2, 60_100, 62_100),
        request(2, 'first', 62_101, 62_110),
        request(2, 'given up', 62_101, 62_120),
      ],
    },
    {
      name: 'web02',
      address: '127.0.0.3:80',
      lines: [...born(3, 0, 100), request(3, 'fine', 61_000, 61_010)],
    },
  ],
  balancer: [
    line('given up', ['127.0.0.2:80'], 'upstream timed out'),
    line('slow page', ['127.0.0.3:80']),
    line('none tried', []),
    line('refused', ['127.0.0.3:80']),
    line('tried by name', ['web01']),
  ],
  users: [],
  actions: [{ atMs: 59_900, node: 'web01', action: 'reload' }],
  weather: [
    { fromMs: 70_000, toMs: 75_000 },
    { fromMs: 71_000, toMs: 72_000, held: true },
  ],
  disturbances: [{ fromMs: 80_000, toMs: 82_000 }],
  outcomes: [
    outcome('first', 'web01', 60_500, 1610),
    outcome('fine', 'web02', 60_999, 12),
    failedThere('given up', 60_800, 1500),
    failedThere('slow page', 85_000, 1500),
    failedThere('none tried', 61_000, 2, 503),
    failedThere('refused', 90_000, 2, 502),
    failedThere('tried by name', 61_500, 1500),
  ],
  events: [],
  cpuSeconds: 1,
}

describe('what really happened to a farm', () => {
  const { truth, probes } = farmTruth(kind, logs)

  it('are the recycles of its workers, with the cause of the action taken', () => {
    expect(ofKind(truth, 'recycle')).toMatchObject([
      {
        node: 'web01',
        cause: 'demand',
        lastMs: 60_000,
        atMs: 60_100,
        servesMs: 62_100,
        warmMs: 62_110,
        token: 'w2',
      },
    ])
    const untouched = farmTruth(kind, { ...logs, actions: [] }).truth
    expect(ofKind(untouched, 'recycle')).toMatchObject([{ cause: 'requests' }])
  })

  it('are its stalls, and outages where the socket closes with the process', () => {
    expect(ofKind(truth, 'node_stall')).toMatchObject([
      { node: 'web01', atMs: 60_000, toMs: 62_110, cause: 'start' },
      { node: 'web01', atMs: 71_000, toMs: 72_000, cause: 'network' },
      { node: 'web02', atMs: 71_000, toMs: 72_000, cause: 'network' },
    ])
    expect(ofKind(truth, 'outage')).toEqual([])
    const refused = farmTruth({ ...kind, refuses: true }, logs).truth
    expect(ofKind(refused, 'outage')).toMatchObject([
      { target: 'web01', how: 'refused', atMs: 60_000, toMs: 62_110 },
    ])
  })

  it('is the first request of the new worker, from its sending to its answer', () => {
    expect(ofKind(truth, 'first_request')).toMatchObject([
      { node: 'web01', id: 'first', from: 'probe', token: 'w2', atMs: 60_501, ms: 1609 },
    ])
  })

  it('are the balancer errors, by the tried node and its state', () => {
    const errors = ofKind(truth, 'balancer_error').map(({ id, nodes, cause }) => [id, ...nodes, cause])
    expect(errors).toEqual([
      ['given up', 'web01', 'cold_start'],
      ['none tried', 'web01', 'cold_start'],
      ['tried by name', 'web01', 'cold_start'],
      ['slow page', 'web02', 'timeout'],
      ['refused', 'web02', 'node_down'],
    ])
  })

  it('are network trouble, and times at which farmprobe was stopped', () => {
    expect(ofKind(truth, 'weather')).toMatchObject([{ atMs: 70_000, toMs: 75_000 }])
    expect(ofKind(truth, 'stall')).toEqual([{ kind: 'stall', atMs: 80_000, toMs: 82_000 }])
  })

  it('is in the order of time', () => {
    const times = truth.map(({ atMs }) => atMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('has the node, the worker, the times and the balancer error of each probe', () => {
    expect(Object.fromEntries(probes)).toMatchObject({
      first: { node: 'web01', token: 'w2', cameMs: 62_101, endMs: 62_110 },
      fine: { node: 'web02', token: 'w3' },
      'given up': { node: 'web01', token: 'w2', error: 'upstream timed out' },
      'slow page': { node: 'web02' },
      'none tried': {},
    })
  })
})
