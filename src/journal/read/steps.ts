/** What was counted and measured over time, as a chart or a report wants it. */

import { mergeRollup, type Rollup } from '../../history/rollup.ts'
import { countOf, quantilesMs } from '../../history/sketch.ts'
import {
  type CodeClass,
  codeClasses,
  isScheduled,
  type Lane,
  type Phase,
  phases,
  type Reason,
  reasons,
  type Subject,
  subjectKey,
} from '../../model/outcome.ts'
import type { About, Span } from '../../model/past.ts'
import { hourMs } from '../file/hours.ts'
import { readRollups } from './read_rollups.ts'
import type { Readable } from './readable.ts'

/** The probes of one target and check within some time. */
interface Step {
  /** Where it begins, wall milliseconds. */
  readonly atMs: number
  /** Probes that prove something about the target, of every lane. */
  readonly probes: number
  readonly failures: number
  /** Probes that prove nothing, because we were late ourselves or at fault. */
  readonly blind: number
  /** Slots that passed without a probe. */
  readonly missed: number
  /** Failures by reason. */
  readonly reasons: Partial<Record<Reason, number>>
  /** Answers to scheduled probes (lanes tick and canary) by class of code. */
  readonly codes: Partial<Record<CodeClass, number>>
  /** Answers to bursts and sweeps by class of code. */
  readonly extraCodes: Partial<Record<CodeClass, number>>
  /** Of scheduled probes, in milliseconds; absent when none got an answer. */
  readonly firstByteMs?: {
    readonly count: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
    readonly max: number
  }
  /** The mean of scheduled probes, in milliseconds. */
  readonly phaseMs?: Partial<Record<Phase, number>>
}

/** The steps of one target and check, oldest first; times without probes have none. */
export interface StepsOf {
  readonly subject: Subject
  readonly steps: readonly Step[]
}

/** A span longer than this is told by whole hours, when it is asked for as one. */
const coarseFromMs = 48 * hourMs

/** In steps of `stepMs`, a multiple of a minute; absent: one step for the whole span. */
export function stepsOf(readable: Readable, span: Span, about: About, stepMs?: number): StepsOf[] {
  const { sinceMs, untilMs } = span
  const coarse = stepMs === undefined ? untilMs - sinceMs > coarseFromMs : stepMs % hourMs === 0
  const bySeries = new Map<string, { subject: Subject; sums: Map<number, Rollup> }>()
  readRollups(readable, about, { ...span, coarse }, (atMs, subject, rollup) => {
    const key = subjectKey(subject)
    let series = bySeries.get(key)
    if (series === undefined) bySeries.set(key, (series = { subject, sums: new Map() }))
    const stepAtMs = stepMs === undefined ? sinceMs : Math.floor(atMs / stepMs) * stepMs
    const sum = series.sums.get(stepAtMs)
    if (sum === undefined) series.sums.set(stepAtMs, rollup)
    else mergeRollup(sum, rollup)
  })
  return [...bySeries.values()].map(({ subject, sums }) => ({
    subject,
    steps: [...sums].sort(([a], [b]) => a - b).map(([atMs, rollup]) => stepOf(atMs, rollup)),
  }))
}

function stepOf(atMs: number, rollup: Rollup): Step {
  const { probes, failures, blind, counts, firstByte, longestMs, timed, phaseMs } = rollup
  const [p50 = 0, p95 = 0, p99 = 0] = quantilesMs(firstByte, [0.5, 0.95, 0.99]).map((ms) =>
    Math.min(ms, longestMs),
  )
  const means = phases.map((phase, index) => [phase, (phaseMs[index] as number) / timed] as const)
  return {
    atMs,
    probes,
    failures,
    blind,
    missed: counts.get('missed') ?? 0,
    ...tallies(counts),
    ...(firstByte.size > 0 && { firstByteMs: { count: countOf(firstByte), p50, p95, p99, max: longestMs } }),
    ...(timed > 0 && { phaseMs: Object.fromEntries(means.filter(([, ms]) => ms > 0)) }),
  }
}

const failing: ReadonlySet<string> = new Set(
  reasons.filter((reason) => reason !== 'ok' && reason !== 'internal'),
)
const codes: ReadonlySet<string> = new Set(codeClasses)

function add(tally: Record<string, number>, word: string, times: number): void {
  tally[word] = (tally[word] ?? 0) + times
}

function tallies(counts: Rollup['counts']): Pick<Step, 'reasons' | 'codes' | 'extraCodes'> {
  const found = { reasons: {}, codes: {}, extraCodes: {} } satisfies Record<string, Record<string, number>>
  for (const [counted, times] of counts) {
    const [lane = '', word = ''] = counted.split(' ')
    if (failing.has(word)) add(found.reasons, word, times)
    else if (codes.has(word)) add(isScheduled(lane as Lane) ? found.codes : found.extraCodes, word, times)
  }
  return found
}
