/** A rollup as bytes: a quiet minute of one target takes some 40 of them. */

import { emptyRollup, type Rollup } from '../../history/rollup.ts'
import { leastBucket, type Sketch } from '../../history/sketch.ts'
import { phases } from '../../model/outcome.ts'
import { type Bytes, type Cursor, putNumber, takeNumber } from './varint.ts'

/** The numbers that stand for words in the bytes. */
export interface Words {
  idOf(word: string): number
  /** @throws Error when no word has the number */
  wordOf(id: number): string
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
  takeSketch(cursor, rollup.firstByte)
  rollup.longestMs = takeNumber(cursor) / 1000
  rollup.timed = takeNumber(cursor)
  if (rollup.timed > 0)
    for (let index = 0; index < phases.length; index++) rollup.phaseMs[index] = takeNumber(cursor) / 1000
  return rollup
}

/** Buckets in order, each as the distance from the one before it: those are small. */
function putSketch(bytes: Bytes, sketch: Sketch): void {
  const buckets = [...sketch].sort(([a], [b]) => a - b)
  putNumber(bytes, buckets.length)
  let before = leastBucket
  for (const [bucket, times] of buckets) {
    putNumber(bytes, bucket - before)
    putNumber(bytes, times)
    before = bucket
  }
}

function takeSketch(cursor: Cursor, sketch: Sketch): void {
  let bucket = leastBucket
  for (let left = takeNumber(cursor); left > 0; left--) {
    bucket += takeNumber(cursor)
    sketch.set(bucket, takeNumber(cursor))
  }
}

const microseconds = (ms: number): number => Math.round(ms * 1000)
