import { expect, test } from 'vitest'
import { limitResolve, resolveOne } from '../../src/probe/connect/resolve.ts'

test('no more names than the limit are looked up at once, and each is looked up', async () => {
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

const resolving = (address: string) => async () => [{ address, family: 4 }]

test.each([
  ['10.0.0.1', { address: '10.0.0.1', family: 4 }],
  [
    '169.254.169.254',
    {
      reason: 'dns',
      detail: expect.stringMatching(/^The name meta leads to 169\.254\.169\.254, a link-local address/),
    },
  ],
])('a name with the address %s', async (address, found) => {
  expect(await resolveOne('meta', resolving(address), ([first]) => first)).toEqual(found)
})

test('an address that is off limits is not passed over for the next one', async () => {
  const addresses = ['169.254.169.254', '10.0.0.1'].map((address) => ({ address, family: 4 }))
  const found = await resolveOne(
    'meta',
    async () => addresses,
    ([first]) => first,
  )
  expect(found).toMatchObject({ reason: 'dns' })
})
