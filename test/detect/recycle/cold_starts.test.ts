import { expect, test } from 'vitest'
import { scriptedFarm } from '../../support/farms/scripted_farm.ts'

test('a node that refused connections has a new worker, though that answers at once', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300)
  farm.add({ at: 300, target: 'web01', firstByteMs: 6000 })
  for (let index = 0; index < 300; index++)
    farm.add({ at: 306.1 + index / 10, target: 'web01', lane: 'burst', reason: 'refused' })
  farm.ticks(340, 600)
  farm.play(600)
  expect(farm.only('recycle')).toMatchObject([{ target: 'web01', evidence: 'outage' }])
})

test.each([
  ['while the new one was awaited already', 0.2],
  ['before the new one was asked', 1.1],
])("a slow last answer of the old worker, %s, is not taken for the new worker's first", (_, afterS) => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300)
  farm.add({ at: 300, target: 'web01', firstByteMs: 1000 })
  farm.add({ at: 300 + afterS, target: 'web01', lane: 'burst', firstByteMs: 6900 })
  farm.add({ at: 300.2 + afterS, target: 'web01', lane: 'burst', firstByteMs: 6700 })
  farm.add({ at: 305, target: 'web01', firstByteMs: 1900 + 1000 * afterS })
  farm.add({ at: 305, target: 'web02' })
  farm.ticks(310, 600)
  farm.play(600)
  expect(farm.only('recycle')).toMatchObject([{ target: 'web01', evidence: 'cold_start' }])
  expect(farm.only('first_request')).toMatchObject([{ target: 'web01', firstByteMs: 6900 }])
})

test('a pool that restarts every minute is seen to each time', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  const minutes = Array.from({ length: 40 }, (_, index) => 300 + 60 * index)
  farm.ticks(0, 300)
  for (const at of minutes) {
    farm.add({ at, target: 'web01', firstByteMs: 6900 })
    farm.add({ at: at + 0.3, target: 'web01', lane: 'burst', firstByteMs: 6600 })
    farm.add({ at: at + 5, target: 'web01', firstByteMs: 1900 })
    farm.add({ at: at + 5, target: 'web02' })
    farm.ticks(at + 10, at + 60)
  }
  farm.play(300 + 60 * minutes.length)
  expect(farm.only('recycle').map(({ target }) => target)).toEqual(minutes.map(() => 'web01'))
})

test('what one probe waits for through the balancer alone is no recycle of the node that served it', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 3600)
  farm.add({ at: 1800.2, target: 'balancer', servedBy: 'web01', lane: 'sweep', firstByteMs: 4700 })
  farm.play(3600)
  expect(farm.only('recycle')).toEqual([])
})
