/** Rollups added up to the steps of a chart, or to the one step of a report. */
import { type Subject, subjectKey } from '../model/outcome.ts'
import { mergeRollup, type Rollup } from './rollup.ts'

/** The probes of one target and check within some time. */
export interface Step extends Rollup {
  /** Where it begins, wall milliseconds. */
  readonly atMs: number
}

/** The steps of one target and check, oldest first; times without probes have none. */
export interface StepsOf {
  readonly subject: Subject
  readonly steps: readonly Step[]
}

/** A rollup of a minute or an hour, or a part of it. */
export interface Piece {
  readonly atMs: number
  readonly subject: Subject
  readonly rollup: Rollup
}

/** Adds up pieces, which are not to be used afterwards; `startOf` gives the beginning of the step for a moment. */
export function stepsOf(pieces: Iterable<Piece>, startOf: (atMs: number) => number): StepsOf[] {
  const bySeries = new Map<string, { subject: Subject; steps: Map<number, Step> }>()
  let series: { subject: Subject; steps: Map<number, Step> } | undefined
  for (const { atMs, subject, rollup } of pieces) {
    // Pieces of one series often follow each other.
    if (series?.subject !== subject) {
      const key = subjectKey(subject)
      series = bySeries.get(key)
      if (series === undefined) bySeries.set(key, (series = { subject, steps: new Map() }))
    }
    const startMs = startOf(atMs)
    const step = series.steps.get(startMs)
    if (step === undefined) series.steps.set(startMs, Object.assign(rollup, { atMs: startMs }))
    else mergeRollup(step, rollup)
  }
  return [...bySeries.values()].map(({ subject, steps }) => ({
    subject,
    steps: [...steps.values()].sort((a, b) => a.atMs - b.atMs),
  }))
}
