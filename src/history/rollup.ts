/** What is kept of all probes of one target and check within a minute, or an hour, or any longer time. */

import { codeClass, isScheduled, type Outcome, phases, proofOf } from '../model/outcome.ts'
import { addTime, mergeSketch, type Sketch } from './sketch.ts'

export interface Rollup {
  /** Probes that prove something about the target, of every lane. */
  probes: number
  /** Those of them that failed. */
  failures: number
  /** Probes that prove nothing: we were late ourselves, or at fault. */
  blind: number
  /** `tick ok`, `burst 502`, `tick refused` ...: probes by lane and reason, answers by lane and class of code; `missed` slots. */
  readonly counts: Map<string, number>
  /** Times to first byte of scheduled probes that were not suspect. */
  readonly firstByte: Sketch
  /** The longest of them in milliseconds, exactly. */
  longestMs: number
  /** Scheduled probes whose phases have been added up. */
  timed: number
  /** Milliseconds per phase, added up, in the order of `phases`. */
  readonly phaseMs: Float64Array
}

/** A rollup of nothing. */
export const emptyRollup = (): Rollup => ({
  probes: 0,
  failures: 0,
  blind: 0,
  counts: new Map(),
  firstByte: new Map(),
  longestMs: 0,
  timed: 0,
  phaseMs: new Float64Array(phases.length),
})

/** Adds one probe. */
export function addOutcome(rollup: Rollup, outcome: Outcome): void {
  const { lane, reason, status, suspect, firstByteMs } = outcome
  const proof = proofOf(outcome)
  if (proof === 'nothing') rollup.blind++
  else rollup.probes++
  if (proof === 'failure') rollup.failures++
  // What a late reader may have caused by itself is not held against the target.
  const unproven = proof === 'nothing' && reason !== 'internal'
  count(rollup, `${lane} ${unproven ? 'suspect' : reason}`, 1)
  const code = codeClass(status)
  if (code !== undefined) count(rollup, `${lane} ${code}`, 1)
  if (suspect || !isScheduled(lane)) return
  if (firstByteMs !== undefined) {
    addTime(rollup.firstByte, firstByteMs)
    rollup.longestMs = Math.max(rollup.longestMs, firstByteMs)
  }
  rollup.timed++
  for (const [index, phase] of phases.entries())
    rollup.phaseMs[index] = (rollup.phaseMs[index] as number) + (outcome.phaseMs[phase] ?? 0)
}

/** Adds slots that passed without a probe. */
export const addMissed = (rollup: Rollup, slots: number): void => count(rollup, 'missed', slots)

function count({ counts }: Rollup, word: string, by: number): void {
  counts.set(word, (counts.get(word) ?? 0) + by)
}

/** Adds all that `other` holds. */
export function mergeRollup(into: Rollup, other: Rollup): void {
  into.probes += other.probes
  into.failures += other.failures
  into.blind += other.blind
  for (const [word, times] of other.counts) count(into, word, times)
  mergeSketch(into.firstByte, other.firstByte)
  into.longestMs = Math.max(into.longestMs, other.longestMs)
  into.timed += other.timed
  for (let index = 0; index < phases.length; index++)
    into.phaseMs[index] = (into.phaseMs[index] as number) + (other.phaseMs[index] as number)
}

/** The same, to be changed without changing the original. */
export function copyOf(rollup: Rollup): Rollup {
  const copy = emptyRollup()
  mergeRollup(copy, rollup)
  return copy
}
