import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { startDeadline } from '../../../src/probe/deadline.ts'
import { failures, isFailure } from '../../../src/probe/failure.ts'
import { decodeBody } from '../../../src/probe/judge/content.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

const mebibyte = 2 ** 20
const blanks = (bytes: number) => Buffer.alloc(bytes, ' ')

/** A deadline on a clock that only stands still, or is moved by hand. */
function deadlineIn(timeoutMs: number) {
  const clock = createSimulatedClock()
  const { signal } = new AbortController()
  return { clock, deadline: startDeadline(clock, timeoutMs, signal, () => failures.protocol('late')) }
}

const codings = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const

describe.each(codings)('a body in %s', (coding, encode) => {
  test('is decoded up to the limit to the byte, and refused beyond it', async () => {
    const { deadline } = deadlineIn(1000)
    const body = encode(blanks(3 * mebibyte))
    const decoded = await decodeBody(body, coding, 3 * mebibyte, deadline)
    expect(!isFailure(decoded) && decoded.equals(blanks(3 * mebibyte))).toBe(true)
    expect(await decodeBody(body, coding, 3 * mebibyte - 1, deadline)).toEqual(
      failures.tooLarge(3 * mebibyte - 1, 'decompressed'),
    )
  })

  test('is decoded in pieces: the event loop turns many times meanwhile', async () => {
    const { deadline } = deadlineIn(1000)
    let turns = 0
    let over = false
    const count = () => {
      turns++
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    await decodeBody(encode(blanks(8 * mebibyte)), coding, 8 * mebibyte, deadline)
    over = true
    expect(turns).toBeGreaterThan(32)
  })

  test('that takes beyond the deadline is given up', async () => {
    const { clock, deadline } = deadlineIn(1000)
    const decoded = decodeBody(encode(blanks(4 * mebibyte)), coding, 4 * mebibyte, deadline)
    await clock.advance(1000)
    expect(await decoded).toEqual(failures.undecodedInTime(coding))
    expect(await decodeBody(encode(blanks(1)), coding, 1, deadline)).toEqual(failures.undecodedInTime(coding))
  })

  test('that is cut off or damaged is none', async () => {
    const { deadline } = deadlineIn(1000)
    const body = encode(Buffer.from('Welcome to the intranet'))
    for (const bad of [
      body.subarray(0, -5),
      Buffer.from('no code'),
      Buffer.concat([body.subarray(3), body]),
    ]) {
      const decoded = await decodeBody(bad, coding, 1000, deadline)
      expect(isFailure(decoded) && decoded).toEqual(failures.undecodable(coding))
    }
  })
})

test('a bomb of bombs stops at the limit in every layer', async () => {
  const { deadline } = deadlineIn(1000)
  const bomb = gzipSync(gzipSync(gzipSync(blanks(4 * mebibyte))))
  expect(await decodeBody(bomb, 'gzip, gzip, gzip', 100_000, deadline)).toEqual(
    failures.tooLarge(100_000, 'decompressed'),
  )
})
