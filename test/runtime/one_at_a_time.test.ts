import { expect, test } from 'vitest'
import { oneAtATime } from '../../src/runtime/one_at_a_time.ts'

/** Work that ends when it is told to, with the number of its run. */
function startedWork() {
  const runs: PromiseWithResolvers<number>[] = []
  const ask = oneAtATime(() => {
    const run = Promise.withResolvers<number>()
    runs.push(run)
    return run.promise
  })
  return { runs, ask, turn: () => new Promise(setImmediate) }
}

test('a run begins when the one before it is over, and calls in between share it', async () => {
  const { runs, ask, turn } = startedWork()
  const first = ask()
  await turn()
  const others = [ask(), ask(), ask()]
  await turn()
  expect(runs).toHaveLength(1)
  runs[0]?.resolve(1)
  expect(await first).toBe(1)
  await turn()
  expect(runs).toHaveLength(2)
  runs[1]?.resolve(2)
  expect(await Promise.all(others)).toEqual([2, 2, 2])
})

test('a call after the shared run has begun gets another: the run may have missed the change', async () => {
  const { runs, ask, turn } = startedWork()
  void ask()
  await turn()
  void ask()
  runs[0]?.resolve(1)
  await turn()
  const late = ask()
  runs[1]?.resolve(2)
  await turn()
  runs[2]?.resolve(3)
  expect(await late).toBe(3)
})

test('a run that fails fails for its own callers only', async () => {
  const { runs, ask, turn } = startedWork()
  const first = ask()
  await turn()
  const second = ask()
  runs[0]?.reject(new Error('no'))
  await expect(first).rejects.toThrow('no')
  await turn()
  runs[1]?.resolve(2)
  expect(await second).toBe(2)
})
