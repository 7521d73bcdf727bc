/** A rollup as bytes: a quiet minute of one target takes some 40 of them. */
import { phases } from '../model/outcome.ts'
import { type Bytes, type Codec, type Cursor, putNumber, takeNumber } from './bytes.ts'
import { emptyRollup, type Rollup } from './rollup.ts'
import { leastBucket, type Sketch } from './sketch.ts'

/** The numbers that stand for words in the bytes. */
export interface Words {
  idOf(word: string): number
  /** @throws Error when no word has the number */
  wordOf(id: number): string
}

/** Words that are numbered as they come and kept in memory. */
export function numberedWords(): Words {
  const words: string[] = []
  const ids = new Map<string, number>()
  return {
    idOf(word) {
      let id = ids.get(word)
      if (id === undefined) ids.set(word, (id = words.push(word) - 1))
      return id
    },
    wordOf: (id) => words[id] as string,
  }
}

/** Appends a rollup. */
export function putRollup(bytes: Bytes, rollup: Rollup, words: Words): void {
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
export function takeRollup(cursor: Cursor, words: Words): Rollup {
  const rollup = emptyRollup()
  rollup.probes = takeNumber(cursor)
  rollup.failures = takeNumber(cursor)
  rollup.blind = takeNumber(cursor)
  for (let left = takeNumber(cursor); left > 0; left--)
    rollup.counts.set(words.wordOf(takeNumber(cursor)), takeNumber(cursor))
  rollup.firstByte = takeSketch(cursor)
  rollup.longestMs = takeNumber(cursor) / 1000
  rollup.timed = takeNumber(cursor)
  if (rollup.timed > 0)
    for (let index = 0; index < phases.length; index++) rollup.phaseMs[index] = takeNumber(cursor) / 1000
  return rollup
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
    sketch.push(bucket, takeNumber(cursor))
  }
  return sketch
}

/** A minute with its rollup. */
export const minuteCodec = (words: Words): Codec<readonly [minute: number, rollup: Rollup]> => ({
  put(bytes, [minute, rollup]) {
    putNumber(bytes, minute)
    putRollup(bytes, rollup, words)
  },
  take: (cursor) => [takeNumber(cursor), takeRollup(cursor, words)],
})

const microseconds = (ms: number): number => Math.round(ms * 1000)
