/** One minute of one target and check, as memory keeps it. */

import type { Step } from '../../history/history.ts'
import { type Outcome, type Phase, phases, proofOf, type Reason } from '../../model/outcome.ts'
import { rounded } from './brief_probe.ts'

export const minuteMs = 60_000

/** A minute that probes are still added to. */
export interface OpenMinute {
  readonly atMs: number
  probes: number
  failures: number
  readonly reasons: Partial<Record<Reason, number>>
  readonly firstBytesMs: number[]
  timed: number
  readonly phaseMs: Partial<Record<Phase, number>>
}

export const openMinute = (atMs: number): OpenMinute => ({
  atMs,
  probes: 0,
  failures: 0,
  reasons: {},
  firstBytesMs: [],
  timed: 0,
  phaseMs: {},
})

/** Adds a probe; times are taken of scheduled probes only, because bursts and sweeps run in trouble. */
export function addToMinute(minute: OpenMinute, outcome: Outcome): void {
  const { lane, reason, suspect, firstByteMs } = outcome
  const proof = proofOf(outcome)
  if (proof !== 'nothing') minute.probes++
  if (proof === 'failure') {
    minute.failures++
    minute.reasons[reason] = (minute.reasons[reason] ?? 0) + 1
  }
  if (suspect || (lane !== 'tick' && lane !== 'canary')) return
  if (firstByteMs !== undefined) minute.firstBytesMs.push(firstByteMs)
  minute.timed++
  for (const phase of phases) {
    const ms = outcome.phaseMs[phase]
    if (ms !== undefined) minute.phaseMs[phase] = (minute.phaseMs[phase] ?? 0) + ms
  }
}

/** The minute so far. */
export function stepOf({ atMs, probes, failures, reasons, firstBytesMs, timed, phaseMs }: OpenMinute): Step {
  const sorted = firstBytesMs.toSorted((a, b) => a - b)
  const means = Object.entries(phaseMs).map(([phase, ms]) => [phase, rounded(ms / timed)])
  return {
    atMs,
    probes,
    failures,
    reasons: { ...reasons },
    ...(sorted.length > 0 && {
      firstByteMs: { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: quantile(sorted, 1) },
    }),
    ...(timed > 0 && { phaseMs: Object.fromEntries(means) }),
  }
}

/** The value that a share `q` keeps to (nearest rank). */
function quantile(sorted: readonly number[], q: number): number {
  const rank = Math.max(0, Math.ceil(q * sorted.length) - 1)
  return rounded(sorted[rank] as number)
}
