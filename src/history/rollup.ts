/** All probes of one target and check within a minute, an hour or any longer time, added up. */
import {
  type CodeClass,
  codeClass,
  codeClasses,
  isScheduled,
  isSuspect,
  type Lane,
  lanes,
  type Outcome,
  ours,
  type Phase,
  phases,
  proofOf,
  type Reason,
  reasons,
} from '../model/outcome.ts'
import { addSketch, addTime, countOf, quantilesMs, type Sketch } from './sketch.ts'

export interface Rollup {
  /** Probes that prove something about the target, of every lane. */
  probes: number
  /** Those of them that failed. */
  failures: number
  /** Probes that prove nothing: our own event loop was late, or the fault is ours. */
  blind: number
  /** `tick ok`, `burst 502`, `tick refused` ...: probes by lane and reason, answers by lane and class of code; `missed` slots. */
  readonly counts: Map<string, number>
  /** Times to first byte of scheduled probes that were not suspect. */
  firstByte: Sketch
  /** The longest of them in milliseconds, exactly. */
  longestMs: number
  /** Scheduled probes whose phases have been added up. */
  timed: number
  /** Milliseconds per phase, added up, in the order of `phases`. */
  readonly phaseMs: number[]
}

/** Once fractions, V8 keeps its zeros as fractions, too, and compiles what adds them once and not for each kind of array. */
const noTimes = phases.map(() => 0.5).fill(0)

export const emptyRollup = (): Rollup => ({
  probes: 0,
  failures: 0,
  blind: 0,
  counts: new Map(),
  firstByte: [],
  longestMs: 0,
  timed: 0,
  phaseMs: noTimes.slice(),
})

type CountedWord = Reason | CodeClass | 'suspect'

/** What is counted of a probe, by its lane: made once, because joining strings costs more than counting them. */
const countedWords = Object.fromEntries(
  lanes.map((lane) => [
    lane,
    Object.fromEntries([...reasons, ...codeClasses, 'suspect'].map((word) => [word, `${lane} ${word}`])),
  ]),
) as Record<Lane, Record<CountedWord, string>>

export function addOutcome(rollup: Rollup, outcome: Outcome): void {
  const { lane, reason, status, firstByteMs } = outcome
  const proof = proofOf(outcome)
  if (proof === 'nothing') rollup.blind++
  else rollup.probes++
  if (proof === 'failure') rollup.failures++
  // What a late reader may have caused by itself is not held against the target.
  const unproven = proof === 'nothing' && !ours.has(reason)
  const words = countedWords[lane]
  count(rollup, words[unproven ? 'suspect' : reason], 1)
  const code = codeClass(status)
  if (code !== undefined) count(rollup, words[code], 1)
  if (isSuspect(outcome) || !isScheduled(lane)) return
  if (firstByteMs !== undefined) {
    addTime(rollup.firstByte, firstByteMs)
    rollup.longestMs = Math.max(rollup.longestMs, firstByteMs)
  }
  rollup.timed++
  for (let index = 0; index < phases.length; index++)
    rollup.phaseMs[index] = (rollup.phaseMs[index] as number) + (outcome.phaseMs[phases[index] as Phase] ?? 0)
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
  addSketch(into.firstByte, other.firstByte)
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

const failing = new Set<string>(reasons.filter((reason) => reason !== 'ok' && reason !== 'internal'))

/** Failures by reason, on every lane. */
export const failuresByReason = (rollup: Rollup): Partial<Record<Reason, number>> =>
  tally(rollup, (_lane, word) => failing.has(word))

const codes = new Set<string>(codeClasses)

/** Answers to scheduled probes by class of code. */
export const scheduledAnswers = (rollup: Rollup): Partial<Record<CodeClass, number>> =>
  tally(rollup, (lane, word) => isScheduled(lane) && codes.has(word))

function tally({ counts }: Rollup, isWanted: (lane: Lane, word: string) => boolean): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [counted, times] of counts) {
    const [lane = '', word = ''] = counted.split(' ')
    if (isWanted(lane as Lane, word)) found[word] = (found[word] ?? 0) + times
  }
  return found
}

/** Times to first byte of scheduled probes, in milliseconds; undefined when none got an answer. */
export function firstByteTimes({ firstByte, longestMs }: Rollup) {
  const [p50, p95, p99] = quantilesMs(firstByte, [0.5, 0.95, 0.99]).map((ms) => Math.min(ms, longestMs))
  if (p50 === undefined || p95 === undefined || p99 === undefined) return undefined
  return { count: countOf(firstByte), p50, p95, p99, max: longestMs }
}

/** The mean of scheduled probes by phase, in milliseconds; undefined when there was none. */
export function meanPhases({ timed, phaseMs }: Rollup): Partial<Record<Phase, number>> | undefined {
  if (timed === 0) return undefined
  const means = phases.map((phase, index) => [phase, (phaseMs[index] as number) / timed] as const)
  return Object.fromEntries(means.filter(([, ms]) => ms > 0))
}
