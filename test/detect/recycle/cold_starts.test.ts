import { expect, test } from 'vitest'
import type { RecentAnswer } from '../../../src/detect/recent_answers.ts'
import { type Facts, gather, judgeSpell } from '../../../src/detect/recycle/slow_spell.ts'
import { scriptedFarm } from '../../support/farms/scripted_farm.ts'

const seen = (startMs: number, waitMs: number, manner: RecentAnswer['manner'] = 'quick'): RecentAnswer => ({
  startMs,
  endMs: startMs + waitMs,
  waitMs,
  manner,
  check: 'home',
  identity: undefined,
  outcome: undefined,
})

const spell = { startMs: 100_000, endMs: 106_000 }

/** A cold start of 6 s, met by a tick and a burst, and what came after it. */
const coldStart = (...after: readonly RecentAnswer[]): RecentAnswer[] => [
  seen(100_000, 6000, 'slow'),
  seen(100_250, 5750, 'slow'),
  ...after,
]

const circumstances = { coldFromMs: 2000, peersSeen: 3, peerEndsMs: [], networkSlow: false }

const judge = (answers: readonly RecentAnswer[], coldFromMs = 2000) =>
  judgeSpell(gather(spell, answers, 60) as Facts, { ...circumstances, coldFromMs }).kind

test('a worker that is not quite as quick as usual right after its cold start had one all the same', () => {
  const notQuite = [106_250, 106_500, 106_750].map((atMs) => seen(atMs, 300, 'slow'))
  expect(judge(coldStart(...notQuite, seen(107_000, 40)))).toBe('cold')
})

test('a node that goes on being slow tells nothing, of which nothing is learned', () => {
  const still = [106_250, 106_500, 106_750].map((atMs) => seen(atMs, 4000, 'slow'))
  expect(judge(coldStart(...still, seen(112_000, 40)))).toBe('unclear')
})

test('a wait that is usual for the page is natural, whatever came after it', () => {
  const still = [106_250, 106_500, 106_750].map((atMs) => seen(atMs, 4000, 'slow'))
  expect(judge(coldStart(...still, seen(112_000, 40)), 8000)).toBe('natural')
})

test('one that was overtaken is natural', () => {
  expect(judge([seen(100_000, 6000, 'slow'), seen(100_500, 40), seen(107_000, 40)])).toBe('natural')
})

test('nothing is concluded when so much has been seen since that the slow answer is forgotten', () => {
  expect(gather(spell, [seen(140_000, 40)], 60)).toBeUndefined()
})

test('a slow answer that hundreds of failures follow at once ends in no conclusion, and in no error', () => {
  const farm = scriptedFarm(['web01', 'web02'])
  farm.ticks(0, 300)
  farm.add({ at: 300, target: 'web01', firstByteMs: 6000 })
  for (let index = 0; index < 300; index++)
    farm.add({ at: 306.1 + index / 10, target: 'web01', lane: 'burst', reason: 'refused' })
  farm.ticks(340, 600)
  farm.play(600)
  expect(farm.only('recycle')).toEqual([])
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
