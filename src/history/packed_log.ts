/** The newest of many things as bytes, one after the other: as objects they would take ten times as much memory. */
import { type Bytes, type Codec, putNumber, takeNumber } from './bytes.ts'

/** Room for this share more than is needed, so that most additions need no copying. */
const spare = 0.25

const none = new Uint8Array()

/** Keeps `most` things at most; each stands behind its length, so that the oldest goes unread. A class, since there are thousands. */
export class PackedLog<T> {
  readonly #most: number
  readonly #codec: Codec<T>
  #bytes = none
  #from = 0
  #to = 0
  #count = 0

  constructor(most: number, codec: Codec<T>) {
    this.#most = most
    this.#codec = codec
  }

  /** Adds one; the oldest goes when there are too many. */
  add(item: T): void {
    if (this.#count === this.#most) this.#dropOldest()
    const [packed, length]: [Bytes, Bytes] = [[], []]
    this.#codec.put(packed, item)
    putNumber(length, packed.length)
    this.#makeRoom(length.length + packed.length)
    this.#bytes.set(length, this.#to)
    this.#bytes.set(packed, this.#to + length.length)
    this.#to += length.length + packed.length
    this.#count++
  }

  /** In the order in which they were added. */
  *items(): Generator<T> {
    const cursor = { bytes: this.#bytes, at: this.#from }
    for (const end = this.#to; cursor.at < end; ) {
      takeNumber(cursor)
      yield this.#codec.take(cursor)
    }
  }

  #dropOldest(): void {
    const cursor = { bytes: this.#bytes, at: this.#from }
    const length = takeNumber(cursor)
    this.#from = cursor.at + length
    this.#count--
  }

  #makeRoom(length: number): void {
    if (this.#to + length <= this.#bytes.length) return
    const used = this.#bytes.subarray(this.#from, this.#to)
    this.#bytes = new Uint8Array(Math.ceil((used.length + length) * (1 + spare)))
    this.#bytes.set(used)
    this.#from = 0
    this.#to = used.length
  }
}
