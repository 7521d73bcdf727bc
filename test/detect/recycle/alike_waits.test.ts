import { expect, test } from 'vitest'
import { createAlikeWaits } from '../../../src/detect/recycle/alike_waits.ts'

/** How the last of some waits fits the others, all of one check unless said otherwise. */
function likenessOfLast(lengthsMs: readonly number[], checks: readonly string[] = []) {
  return likenesses(lengthsMs, checks).at(-1)
}

function likenesses(lengthsMs: readonly number[], checks: readonly string[] = []) {
  const waits = createAlikeWaits()
  const all = lengthsMs.map((excessMs, index) => waits.add({ check: checks[index] ?? 'home', excessMs }))
  return all.map((wait) => waits.likenessOf(wait))
}

const starts = [2000, 2010, 1990, 2005, 2002]

test('waits as long as others stand out the more of them there are', () => {
  const alike = starts.map((_, index) => likenessOfLast(starts.slice(0, index + 1))?.alike)
  expect(alike[0]).toBe(0)
  expect(alike.toSorted((a = 0, b = 0) => a - b)).toEqual(alike)
  expect(alike[4]).toBeGreaterThan(3)
})

test('waits of any length around it are no likeness', () => {
  const spread = Array.from({ length: 60 }, (_, index) => 800 * 1.02 ** index)
  expect(likenessOfLast([...spread, 1500])?.alike).toBeLessThan(0.5)
})

test('waits that end at one limit are no likeness where a heavy tail leads up to it', () => {
  const limit = [9690, 9700, 9705, 9700, 9710]
  const tail = Array.from({ length: 40 }, (_, index) => 700 * (40 / (40 - index)) ** 0.6)
  const alone = likenessOfLast(limit)?.alike ?? 0
  expect(alone).toBeGreaterThan(3)
  expect(likenessOfLast([...tail, ...limit])?.alike).toBeLessThan(alone / 2)
})

test('one as long of another check counts apart', () => {
  expect(likenessOfLast(starts)?.acrossChecks).toBe(0)
  expect(likenessOfLast(starts, ['report'])?.acrossChecks).toBeGreaterThan(0.5)
})

test('the first of several that are alike fits those that came after it', () => {
  expect(likenesses(starts)[0]?.alike).toBeGreaterThan(3)
})
