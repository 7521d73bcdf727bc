/** Whole numbers in as few bytes as they need: seven bits a byte, the lowest first (LEB128). */

/** Bytes in the making. */
export type Bytes = number[]

export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** How a thing is written as bytes, and read from them. */
export interface Codec<T> {
  put(bytes: Bytes, item: T): void
  take(cursor: Cursor): T
}

/** Appends a whole number from 0 to 2^53 - 1. */
export function putNumber(bytes: Bytes, value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

/**
 * Reads the next number.
 * @throws Error when the bytes end before it does, or hold none that `putNumber` writes
 */
export function takeNumber(cursor: Cursor): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined) throw new Error('the bytes end within a number')
    value += (byte & 127) * scale
    if (value > Number.MAX_SAFE_INTEGER) throw new Error('the number is too large')
    if (byte < 128) return value
    scale *= 128
  }
}
