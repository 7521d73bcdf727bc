import { expect, test } from 'vitest'
import { limitResolve } from '../../src/probe/connect/resolve.ts'

test('so many names are looked up at once, and every one gets its turn', async () => {
  const turns: (() => void)[] = []
  let most = 0
  let underWay = 0
  const resolve = limitResolve(async (host) => {
    most = Math.max(most, ++underWay)
    await new Promise<void>((done) => turns.push(done))
    underWay--
    if (host === 'bad') throw new Error('no such name')
    return [{ address: '127.0.0.1', family: 4 }]
  }, 2)
  const all = Promise.allSettled(['a', 'bad', 'c', 'd', 'e'].map(resolve))
  for (let done = 0; done < 5; done++) {
    while (turns.length === 0) await new Promise((next) => setImmediate(next))
    turns.shift()?.()
  }
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
  expect(most).toBe(2)
})
