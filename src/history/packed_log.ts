/** The newest of many things as bytes, one after the other: as objects they would take ten times as much memory. */
import { type Bytes, type Codec, putNumber, takeNumber } from './bytes.ts'

export interface PackedLog<T> {
  /** Adds one; the oldest goes when there are too many. */
  add(item: T): void
  /** In the order in which they were added. */
  items(): Generator<T>
}

/** Room for this share more than is needed, so that most additions need no copying. */
const spare = 0.25

/** Keeps `most` things at most; each stands behind its length, so that the oldest goes unread. */
export function createPackedLog<T>(most: number, { put, take }: Codec<T>): PackedLog<T> {
  let bytes = new Uint8Array()
  let from = 0
  let to = 0
  let count = 0
  const dropOldest = () => {
    const cursor = { bytes, at: from }
    const length = takeNumber(cursor)
    from = cursor.at + length
    count--
  }
  const makeRoom = (length: number) => {
    if (to + length <= bytes.length) return
    const used = bytes.subarray(from, to)
    bytes = new Uint8Array(Math.ceil((used.length + length) * (1 + spare)))
    bytes.set(used)
    from = 0
    to = used.length
  }
  return {
    add(item) {
      if (count === most) dropOldest()
      const [packed, length]: [Bytes, Bytes] = [[], []]
      put(packed, item)
      putNumber(length, packed.length)
      makeRoom(length.length + packed.length)
      bytes.set(length, to)
      bytes.set(packed, to + length.length)
      to += length.length + packed.length
      count++
    },
    *items() {
      const cursor = { bytes, at: from }
      for (const end = to; cursor.at < end; ) {
        takeNumber(cursor)
        yield take(cursor)
      }
    },
  }
}
