/** From logged workers to what happened to their node. Times are milliseconds since 0. */
import { describe, expect, it } from 'vitest'
import type { LoggedWorker } from '../../../../proof/truth/zoo/truth/application_log.ts'
import { firstRequestOf, recycleOf } from '../../../../proof/truth/zoo/truth/recycles.ts'
import { stallsOf } from '../../../../proof/truth/zoo/truth/stalls.ts'
import {
  type Arrivals,
  type NodeRecords,
  type Worker,
  workersOf,
} from '../../../../proof/truth/zoo/truth/workers.ts'

type Request = [id: string, cameMs: number, endMs: number]

const worker = (
  pid: number,
  bornMs: number,
  readyMs: number,
  endMs?: number,
  ...requests: Request[]
): LoggedWorker => ({
  token: `${pid}-${bornMs}`,
  pid,
  bornMs,
  readyMs,
  ...(endMs === undefined ? {} : { endMs }),
  requests: requests.map(([id, cameMs, endMs]) => ({ id, path: '/', cameMs, endMs })),
})

const unknown: Arrivals = () => undefined

/** farmprobe starts at 1,000. */
const read = (
  logged: readonly LoggedWorker[],
  more: Partial<NodeRecords> = {},
  arrivals = unknown,
): Worker[] => workersOf({ node: 'web01', logged, grows: false, ...more }, arrivals, 1000)

const day = { fromMs: 1000, toMs: 100_000 }
const oneThread = { workers: 1, threads: 1 }
const manyThreads = { workers: 1, threads: 100 }

describe('workers', () => {
  it('replace the worker that ended before their start', () => {
    const [first, second] = read([worker(1, 0, 10, 5000), worker(2, 5100, 7000)])
    expect(first).toMatchObject({ original: true, place: 0 })
    expect(second).toMatchObject({ original: false, place: 0, before: { token: '1-0' } })
  })

  it('replace a worker that ends a little later, where the server starts the new one first', () => {
    const [, second] = read([worker(1, 0, 10, 5200), worker(2, 5100, 7000)])
    expect(second?.before?.token).toBe('1-0')
  })

  it('take the free places in the order in which they became free', () => {
    const all = read([
      worker(1, 0, 10, 5000),
      worker(2, 1, 10, 4000),
      worker(3, 5050, 5100),
      worker(4, 5060, 5110),
    ])
    expect(all.map(({ token, before, place }) => [token, before?.token, place])).toEqual([
      ['1-0', undefined, 0],
      ['2-1', undefined, 1],
      ['3-5050', '2-1', 1],
      ['4-5060', '1-0', 0],
    ])
  })

  it('replace none when the server adds one', () => {
    const [, second] = read([worker(1, 0, 10, 8000), worker(2, 5100, 7000)], { grows: true })
    expect(second).toMatchObject({ place: 1 })
    expect(second?.before).toBe(undefined)
  })

  it('end at the time of the server log when they logged no end', () => {
    const [first] = read([worker(7, 0, 10), worker(7, 6000, 6100)], { ends: [{ pid: 7, atMs: 5000 }] })
    expect(first?.endMs).toBe(5000)
  })

  it('have requests with the times of the access log, otherwise with the time of their sender', () => {
    const logged = [worker(1, 0, 10, undefined, ['a', 2000, 2010], ['b', 2020, 2030], ['c', 2040, 2050])]
    const [first] = read(logged, { requests: [{ id: 'a', atMs: 1500, tookMs: 510, status: 200 }] }, (id) =>
      id === 'b' ? { atMs: 1600, direct: true } : undefined,
    )
    expect(first?.requests.map(({ arrivedMs }) => arrivedMs)).toEqual([1500, 1600, 2040])
  })

  it('have no request through the balancer from before the end of their predecessor: it may be a retry', () => {
    const logged = [
      worker(1, 0, 10, 5000),
      worker(2, 5100, 7000, undefined, ['a', 7001, 7010], ['b', 7001, 7010]),
    ]
    const [, second] = read(logged, {}, (id) => ({ atMs: 4000, direct: id === 'b' }))
    expect(second?.requests.map(({ arrivedMs }) => arrivedMs)).toEqual([5000, 4000])
  })
})

describe('a recycle', () => {
  const [, second] = read(
    [worker(1, 0, 10, 5000), worker(2, 5100, 7000, undefined, ['a', 7001, 7050], ['b', 7051, 7060])],
    {},
    (id) => ({ atMs: id === 'a' ? 6000 : 5500, direct: true }),
  )

  it('has the end of the old worker, and the start, readiness and first answer of the new one', () => {
    expect(recycleOf(second as Worker, 1, 'requests')).toEqual({
      kind: 'recycle',
      node: 'web01',
      app: '/',
      cause: 'requests',
      lastMs: 5000,
      atMs: 5100,
      servesMs: 7000,
      warmMs: 7050,
      drainedMs: 7060,
      coldMs: 50,
      worker: 0,
      of: 1,
      token: '2-5100',
      overlapped: false,
      preloaded: false,
      grown: false,
    })
  })

  it('has as first request the waiting request that arrived first', () => {
    expect(firstRequestOf(second as Worker)).toMatchObject({ id: 'b', from: 'probe', atMs: 5500, ms: 1560 })
  })

  it('lasts for requests that queue behind the waiting ones', () => {
    const [, queued] = read(
      [
        worker(1, 0, 10, 5000),
        worker(
          2,
          5100,
          7000,
          undefined,
          ['a', 7001, 7050],
          ['b', 7051, 9000],
          ['c', 9001, 9010],
          ['d', 9600, 9900],
        ),
      ],
      {},
      (id) => ({ atMs: { a: 6000, b: 7049, c: 8900 }[id] ?? 9600, direct: true }),
    )
    expect(recycleOf(queued as Worker, 1, 'requests')).toMatchObject({ warmMs: 7050, drainedMs: 9000 })
  })

  it('has the first answered request as first request when none waited', () => {
    const [, quick] = read([worker(1, 0, 10, 5000), worker(2, 5100, 5200, undefined, ['user-3', 6000, 6010])])
    expect(firstRequestOf(quick as Worker)).toMatchObject({ from: 'user', atMs: 6000, ms: 10 })
    expect(recycleOf(quick as Worker, 1, 'requests')).toMatchObject({ preloaded: true, warmMs: 5200 })
  })

  it('takes a request without id for a health check', () => {
    const [, checked] = read([worker(1, 0, 10, 5000), worker(2, 5100, 5200, undefined, ['', 6000, 6010])])
    expect(firstRequestOf(checked as Worker)?.from).toBe('health')
  })
})

describe('a stall', () => {
  it('is from the end of the old worker to the first answer of the new one', () => {
    const all = read(
      [worker(1, 0, 10, 5000), worker(2, 5100, 7000, undefined, ['a', 7001, 7900])],
      {},
      () => ({ atMs: 5500, direct: true }),
    )
    expect(stallsOf('web01', all, manyThreads, [], day)).toEqual([
      { kind: 'node_stall', node: 'web01', cause: 'start', atMs: 5000, toMs: 7900, busyWith: [] },
    ])
  })

  it('ends when the new worker is ready if no request waited', () => {
    const all = read([worker(1, 0, 10, 5000), worker(2, 5100, 7000, undefined, ['a', 9000, 9900])])
    expect(stallsOf('web01', all, manyThreads, [], day)).toMatchObject([{ atMs: 5000, toMs: 7000 }])
  })

  it('does not exist while another worker answers', () => {
    const all = read([worker(1, 0, 10, 5000), worker(3, 0, 10), worker(2, 5100, 7000)])
    expect(stallsOf('web01', all, { workers: 2, threads: 1 }, [], day)).toEqual([])
  })

  it('is a pause when the process stood still', () => {
    const all = read([worker(1, 0, 10, undefined, ['a', 4990, 6010])])
    expect(stallsOf('web01', all, manyThreads, [{ fromMs: 5000, toMs: 6000 }], day)).toMatchObject([
      { cause: 'pause', atMs: 5000, toMs: 6010 },
    ])
  })

  it('is a slow request of a single-threaded worker, which is named', () => {
    const all = read([worker(1, 0, 10, undefined, ['slow', 5000, 5900], ['quick', 5901, 5910])], {}, () => ({
      atMs: 5000,
      direct: true,
    }))
    expect(stallsOf('web01', all, oneThread, [], day)).toEqual([
      { kind: 'node_stall', node: 'web01', cause: 'busy', atMs: 5000, toMs: 5900, busyWith: ['slow'] },
    ])
    expect(stallsOf('web01', all, manyThreads, [], day)).toEqual([])
  })

  it('does not exist when too short to matter', () => {
    const all = read([worker(1, 0, 10, 5000), worker(2, 5010, 5200)])
    expect(stallsOf('web01', all, manyThreads, [], day)).toEqual([])
  })
})
