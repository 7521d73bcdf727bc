/** A rollup as bytes: a quiet minute of one target takes some 40 of them. */
import { phases } from '../model/outcome.ts'
import { type Bytes, type Codec, type Cursor, putNumber, takeNumber } from './bytes.ts'
import type { Numbering } from './numbering.ts'
import { emptyRollup, type Rollup } from './rollup.ts'
import { greatestBucket, leastBucket, type Sketch } from './sketch.ts'

export function putRollup(bytes: Bytes, rollup: Rollup, words: Numbering<string>): void {
  const { probes, failures, blind, counts, firstByte, longestMs, timed, phaseMs } = rollup
  for (const each of [probes, failures, blind, counts.size]) putNumber(bytes, each)
  for (const [word, times] of counts) {
    putNumber(bytes, words.idOf(word))
    putNumber(bytes, times)
  }
  putSketch(bytes, firstByte)
  putNumber(bytes, microseconds(longestMs))
  putNumber(bytes, timed)
  if (timed > 0) for (const ms of phaseMs) putNumber(bytes, microseconds(ms))
}

/**
 * Reads the next rollup.
 * @throws Error when the bytes hold none
 */
export function takeRollup(cursor: Cursor, words: Numbering<string>): Rollup {
  const rollup = emptyRollup()
  rollup.probes = takeNumber(cursor)
  rollup.failures = takeNumber(cursor)
  rollup.blind = takeNumber(cursor)
  for (let left = takeNumber(cursor); left > 0; left--)
    rollup.counts.set(wordOf(words, takeNumber(cursor)), takeNumber(cursor))
  rollup.firstByte = takeSketch(cursor)
  rollup.longestMs = takeNumber(cursor) / 1000
  rollup.timed = takeNumber(cursor)
  if (rollup.timed > 0)
    for (let index = 0; index < phases.length; index++) rollup.phaseMs[index] = takeNumber(cursor) / 1000
  return rollup
}

function wordOf(words: Numbering<string>, id: number): string {
  const word = words.all().get(id)
  if (word === undefined) throw new Error(`no word has the number ${id}`)
  return word
}

/** Each bucket as the distance from the one before it: those are small. */
function putSketch(bytes: Bytes, sketch: Sketch): void {
  putNumber(bytes, sketch.length / 2)
  let before = leastBucket
  for (let at = 0; at < sketch.length; at += 2) {
    const bucket = sketch[at] as number
    putNumber(bytes, bucket - before)
    putNumber(bytes, sketch[at + 1] as number)
    before = bucket
  }
}

function takeSketch(cursor: Cursor): Sketch {
  const sketch: Sketch = []
  let bucket = leastBucket
  for (let left = takeNumber(cursor); left > 0; left--) {
    bucket += takeNumber(cursor)
    if (bucket > greatestBucket) throw new Error('no time is so long')
    sketch.push(bucket, takeNumber(cursor))
  }
  return sketch
}

export const minuteCodec = (words: Numbering<string>): Codec<readonly [minute: number, rollup: Rollup]> => ({
  put(bytes, [minute, rollup]) {
    putNumber(bytes, minute)
    putRollup(bytes, rollup, words)
  },
  take: (cursor) => [takeNumber(cursor), takeRollup(cursor, words)],
})

const microseconds = (ms: number): number => Math.round(ms * 1000)
