import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Codec, putNumber, takeNumber } from '../../src/history/bytes.ts'
import { PackedLog } from '../../src/history/packed_log.ts'

const numbers: Codec<number> = { put: putNumber, take: takeNumber }

test('keeps the newest, in the order in which they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), fc.integer({ min: 1, max: 20 }), (all, most) => {
      const log = new PackedLog(most, numbers)
      for (const each of all) log.add(each)
      expect([...log.items()]).toEqual(all.slice(-most))
    }),
  )
})
