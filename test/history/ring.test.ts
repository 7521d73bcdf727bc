import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRing } from '../../src/history/ring.ts'

test('keeps the newest, and gives them in either order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (all, capacity) => {
      const ring = createRing<number>(capacity)
      for (const each of all) ring.push(each)
      expect(ring.items()).toEqual(all.slice(-capacity))
      expect([...ring.newestFirst()]).toEqual(all.slice(-capacity).toReversed())
    }),
  )
})
