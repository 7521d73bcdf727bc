/** From what workers wrote down to what happened to their node. Times are milliseconds of a day that began at 0. */
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

const nobody: Arrivals = () => undefined

/** Farmprobe looks from 1,000 on. */
const read = (
  logged: readonly LoggedWorker[],
  more: Partial<NodeRecords> = {},
  arrivals = nobody,
): Worker[] => workersOf({ node: 'web01', logged, grows: false, ...more }, arrivals, 1000)

const day = { fromMs: 1000, toMs: 100_000 }
const oneThread = { workers: 1, threads: 1 }
const manyThreads = { workers: 1, threads: 100 }

describe('workers', () => {
  it('take the place of the one that ended before they were born', () => {
    const [first, second] = read([worker(1, 0, 10, 5000), worker(2, 5100, 7000)])
    expect(first).toMatchObject({ original: true, place: 0 })
    expect(second).toMatchObject({ original: false, place: 0, before: { token: '1-0' } })
  })

  it('take the place of one that ends a little later, where the server starts the new one first', () => {
    const [, second] = read([worker(1, 0, 10, 5200), worker(2, 5100, 7000)])
    expect(second?.before?.token).toBe('1-0')
  })

  it('take one place each, in the order in which they became free', () => {
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

  it('take no place where the server has just one more than before', () => {
    const [, second] = read([worker(1, 0, 10, 8000), worker(2, 5100, 7000)], { grows: true })
    expect(second).toMatchObject({ place: 1 })
    expect(second?.before).toBe(undefined)
  })

  it('end when somebody else says so, where they could not', () => {
    const [first] = read([worker(7, 0, 10), worker(7, 6000, 6100)], { ends: [{ pid: 7, atMs: 5000 }] })
    expect(first?.endMs).toBe(5000)
  })

  it('have requests that arrived when the access log says so, or whoever sent them', () => {
    const logged = [worker(1, 0, 10, undefined, ['a', 2000, 2010], ['b', 2020, 2030], ['c', 2040, 2050])]
    const [first] = read(logged, { requests: [{ id: 'a', atMs: 1500, tookMs: 510, status: 200 }] }, (id) =>
      id === 'b' ? { atMs: 1600, direct: true } : undefined,
    )
    expect(first?.requests.map(({ arrivedMs }) => arrivedMs)).toEqual([1500, 1600, 2040])
  })

  it('have no request that arrived before the one before them was gone, where a balancer may have sent it again', () => {
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

  it('has when the old worker ended, the new one was born and ready, and the first was answered', () => {
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

  it('has as its first request, of those who waited for it, the one that came first', () => {
    expect(firstRequestOf(second as Worker)).toMatchObject({ id: 'b', from: 'probe', atMs: 5500, ms: 1560 })
  })

  it('goes on for who has to wait behind those who waited, until one does not', () => {
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

  it('has the first that was answered as its first request, where nobody waited', () => {
    const [, quick] = read([worker(1, 0, 10, 5000), worker(2, 5100, 5200, undefined, ['user-3', 6000, 6010])])
    expect(firstRequestOf(quick as Worker)).toMatchObject({ from: 'user', atMs: 6000, ms: 10 })
    expect(recycleOf(quick as Worker, 1, 'requests')).toMatchObject({ preloaded: true, warmMs: 5200 })
  })

  it('knows a health check by its having no id', () => {
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

  it('ends when the new worker is ready, where nobody waited for it', () => {
    const all = read([worker(1, 0, 10, 5000), worker(2, 5100, 7000, undefined, ['a', 9000, 9900])])
    expect(stallsOf('web01', all, manyThreads, [], day)).toMatchObject([{ atMs: 5000, toMs: 7000 }])
  })

  it('is none where another worker answers meanwhile', () => {
    const all = read([worker(1, 0, 10, 5000), worker(3, 0, 10), worker(2, 5100, 7000)])
    expect(stallsOf('web01', all, { workers: 2, threads: 1 }, [], day)).toEqual([])
  })

  it('is a pause where the process stood still', () => {
    const all = read([worker(1, 0, 10, undefined, ['a', 4990, 6010])])
    expect(stallsOf('web01', all, manyThreads, [{ fromMs: 5000, toMs: 6000 }], day)).toMatchObject([
      { cause: 'pause', atMs: 5000, toMs: 6010 },
    ])
  })

  it('is the slow request of a worker that answers one at a time, which waits for nobody itself', () => {
    const all = read([worker(1, 0, 10, undefined, ['slow', 5000, 5900], ['quick', 5901, 5910])], {}, () => ({
      atMs: 5000,
      direct: true,
    }))
    expect(stallsOf('web01', all, oneThread, [], day)).toEqual([
      { kind: 'node_stall', node: 'web01', cause: 'busy', atMs: 5000, toMs: 5900, busyWith: ['slow'] },
    ])
    expect(stallsOf('web01', all, manyThreads, [], day)).toEqual([])
  })

  it('is none where it is too short for anybody to notice', () => {
    const all = read([worker(1, 0, 10, 5000), worker(2, 5010, 5200)])
    expect(stallsOf('web01', all, manyThreads, [], day)).toEqual([])
  })
})
