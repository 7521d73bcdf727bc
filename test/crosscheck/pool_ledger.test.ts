import { describe, expect, test } from 'vitest'
import { createPoolLedger, type PoolReading, readPool } from '../../src/crosscheck/pool_ledger.ts'

/** What each reading after the first tells. */
function newWorkers(...readings: readonly PoolReading[]): ReturnType<typeof readPool>[] {
  const ledger = createPoolLedger()
  return readings.map((reading) => readPool(ledger, reading)).slice(1)
}

const at = (created: number, ...pids: string[]): PoolReading => ({ created, recycles: 0, failures: 0, pids })
const one = { workers: 1, cause: 'start', reset: false }

describe('a new worker', () => {
  test('is not reported as long as nothing changes', () => {
    expect(newWorkers(at(7, '40'), at(7, '40'), at(7, '40'))).toEqual([undefined, undefined])
  })

  test('is reported by count and process id together once', () => {
    expect(newWorkers(at(7, '40'), at(8, '44'), at(8, '44'))).toEqual([one, undefined])
  })

  test('is reported once though its process id shows later than its count, or earlier', () => {
    expect(newWorkers(at(7, '40'), at(8, '40'), at(8, '44'), at(8, '44'))).toEqual([
      one,
      undefined,
      undefined,
    ])
    expect(newWorkers(at(7, '40'), at(7, '44'), at(8, '44'), at(8, '44'))).toEqual([
      one,
      undefined,
      undefined,
    ])
  })

  test('is reported though it started and ended between two readings', () => {
    expect(newWorkers(at(7, '40'), at(10, '52'))).toEqual([{ ...one, workers: 3 }])
  })

  test('is reported by its process id alone where WAS restarted and its count is the same as before', () => {
    expect(newWorkers(at(1, '40'), at(1, '40'), at(1, '44'))).toEqual([undefined, one])
  })

  test('is not reported when process ids vanish and come back, as when the collector fails for a while', () => {
    const none = Array.from({ length: 20 }, () => at(7))
    expect(newWorkers(at(7, '40'), ...none, at(7, '40')).filter((each) => each !== undefined)).toEqual([])
  })

  test('may have the id of one that is long gone', () => {
    const others = Array.from({ length: 9 }, () => at(8, '44'))
    expect(newWorkers(at(7, '40'), ...others, at(9, '40')).at(-1)).toEqual(one)
  })

  test('is reported without the count by id, and without both by the count of recycles', () => {
    expect(newWorkers({ pids: ['40'] }, { pids: ['44'] })).toEqual([one])
    expect(newWorkers({ pids: [], recycles: 3 }, { pids: [], recycles: 4 })).toEqual([
      { ...one, cause: 'recycle' },
    ])
  })

  test('of a pool that idled out is reported when it starts', () => {
    expect(newWorkers(at(7, '40'), at(7), at(7), at(8, '44'))).toEqual([undefined, undefined, one])
  })
})

const reading = (created: number, recycles: number, failures: number): PoolReading => ({
  created,
  recycles,
  failures,
  pids: [],
})

describe('its cause', () => {
  test('is a recycle or a crash where that was counted, in the same reading or the one before', () => {
    expect(newWorkers(reading(7, 2, 0), reading(8, 3, 0))).toEqual([{ ...one, cause: 'recycle' }])
    expect(newWorkers(reading(7, 2, 0), reading(8, 2, 1))).toEqual([{ ...one, cause: 'crash' }])
    expect(newWorkers(reading(7, 2, 0), reading(7, 3, 0), reading(8, 3, 0))).toEqual([
      undefined,
      { ...one, cause: 'recycle' },
    ])
    expect(newWorkers(reading(7, 2, 0), reading(7, 3, 0), reading(7, 3, 0), reading(8, 3, 0)).at(-1)).toEqual(
      one,
    )
  })
})

test.each([
  ['a ping without an answer', { pingFailures: 1, failures: 1 }, 'ping_failure'],
  ['a start that failed', { startupFailures: 1 }, 'startup_failure'],
  ['a recycle whose old worker did not end in time', { recycles: 1, shutdownFailures: 1 }, 'recycle'],
  ['a worker that did not end in time, and nothing else', { shutdownFailures: 1 }, 'shutdown_failure'],
])('its cause is %s', (_, counted, cause) => {
  const before = { recycles: 0, failures: 0, pingFailures: 0, startupFailures: 0, shutdownFailures: 0 }
  expect(newWorkers({ ...at(7), ...before }, { ...at(8), ...before, ...counted })).toEqual([
    { ...one, cause },
  ])
})

describe('counters that start over', () => {
  test('report the workers since, and that earlier ones are not known', () => {
    expect(newWorkers({ ...at(9, '40'), recycles: 5 }, { ...at(2, '44'), recycles: 1 })).toEqual([
      { workers: 2, cause: 'start', reset: true },
    ])
  })

  test('report none where none was started yet', () => {
    expect(newWorkers(at(9, '40'), at(0), at(1, '44'))).toEqual([undefined, one])
  })
})
