import { describe, expect, test } from 'vitest'
import {
  createPoolLedger,
  type NewWorkers,
  type PoolReading,
  readPool,
} from '../../src/crosscheck/pool_ledger.ts'

/** What each reading after the first tells. */
function told(...readings: readonly PoolReading[]): (NewWorkers | undefined)[] {
  const ledger = createPoolLedger()
  return readings.map((reading) => readPool(ledger, reading)).slice(1)
}

const at = (created: number, ...pids: string[]): PoolReading => ({ created, recycles: 0, failures: 0, pids })
const one = { workers: 1, cause: 'start', reset: false }

describe('a new worker', () => {
  test('is none as long as nothing changes', () => {
    expect(told(at(7, '40'), at(7, '40'), at(7, '40'))).toEqual([undefined, undefined])
  })

  test('is told by the count and by its process id, and is one', () => {
    expect(told(at(7, '40'), at(8, '44'), at(8, '44'))).toEqual([one, undefined])
  })

  test('is one though its process id shows later than its count, or earlier', () => {
    expect(told(at(7, '40'), at(8, '40'), at(8, '44'), at(8, '44'))).toEqual([one, undefined, undefined])
    expect(told(at(7, '40'), at(7, '44'), at(8, '44'), at(8, '44'))).toEqual([one, undefined, undefined])
  })

  test('is told though it came and went between two readings', () => {
    expect(told(at(7, '40'), at(10, '52'))).toEqual([{ ...one, workers: 3 }])
  })

  test('is told by its process id alone where WAS restarted and counts as far as before', () => {
    expect(told(at(1, '40'), at(1, '40'), at(1, '44'))).toEqual([undefined, one])
  })

  test('is none when process ids vanish and come back, as when the collector fails for a while', () => {
    const none = Array.from({ length: 20 }, () => at(7))
    expect(told(at(7, '40'), ...none, at(7, '40')).filter((each) => each !== undefined)).toEqual([])
  })

  test('may have the id of one that is long gone', () => {
    const others = Array.from({ length: 9 }, () => at(8, '44'))
    expect(told(at(7, '40'), ...others, at(9, '40')).at(-1)).toEqual(one)
  })

  test('is told without the count, by id, and without both by the count of recycles', () => {
    expect(told({ pids: ['40'] }, { pids: ['44'] })).toEqual([one])
    expect(told({ pids: [], recycles: 3 }, { pids: [], recycles: 4 })).toEqual([{ ...one, cause: 'recycle' }])
  })

  test('of a pool that idles is none until one is started', () => {
    expect(told(at(7, '40'), at(7), at(7), at(8, '44'))).toEqual([undefined, undefined, one])
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
    expect(told(reading(7, 2, 0), reading(8, 3, 0))).toEqual([{ ...one, cause: 'recycle' }])
    expect(told(reading(7, 2, 0), reading(8, 2, 1))).toEqual([{ ...one, cause: 'crash' }])
    expect(told(reading(7, 2, 0), reading(7, 3, 0), reading(8, 3, 0))).toEqual([
      undefined,
      { ...one, cause: 'recycle' },
    ])
    expect(told(reading(7, 2, 0), reading(7, 3, 0), reading(7, 3, 0), reading(8, 3, 0)).at(-1)).toEqual(one)
  })
})

describe('counters that begin anew', () => {
  test('tell of the workers since, and that the others are not known', () => {
    expect(told({ ...at(9, '40'), recycles: 5 }, { ...at(2, '44'), recycles: 1 })).toEqual([
      { workers: 2, cause: 'start', reset: true },
    ])
  })

  test('tell of none where none was started yet', () => {
    expect(told(at(9, '40'), at(0), at(1, '44'))).toEqual([undefined, one])
  })
})
