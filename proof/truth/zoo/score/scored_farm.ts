/** A farm with its reported events, and what its probes met of something. */
import type { FarmEvent } from '../../../../src/model/event.ts'
import { endedMs } from '../../../../src/model/outcome.ts'
import { isIn, type Window } from '../../scores/windows.ts'
import type { RecordedProbe, Recording } from '../recording/recording.ts'
import type { NodeStallTruth } from '../truth/vocabulary.ts'

export interface ScoredFarm {
  readonly recording: Recording
  /** The monitor's events, live or replayed. */
  readonly events: readonly FarmEvent[]
}

/** Something that was missed, or reported wrongly or inaccurately. */
export interface Finding {
  readonly what: 'missed' | 'wrong' | 'off'
  readonly atMs: number
  /** A node, or the balancer. */
  readonly target: string
  readonly sentence: string
}

/** What farmprobe's probes met of a span. */
export interface Met {
  /** The longest time that a probe was in flight in it, in milliseconds. */
  readonly waitedMs: number
  /** Probes that were in flight in it for long enough to count. */
  readonly waiters: number
  /** A probe failed or was refused in it. */
  readonly failed: boolean
  /** Probes of the node itself met too little of it; probes through the balancer met it. */
  readonly onlyThroughBalancer: boolean
}

/** A probe has to meet this much. */
export const leastMetMs = 500

/** Whether the span counts. */
export const isMet = (
  { waitedMs, failed }: Pick<Met, 'waitedMs' | 'failed'>,
  { fromMs, toMs }: Window,
): boolean => waitedMs >= leastMetMs || (failed && toMs - fromMs >= leastMetMs)

/** What the probes that reached this node met of a window. */
export function metBy(probes: readonly RecordedProbe[], node: string, window: Window): Met {
  const all = probes.filter(
    ({ log, outcome }) =>
      log.node === node && outcome.startedMs <= window.toMs && endedMs(outcome) >= window.fromMs,
  )
  const met = extent(all, window)
  const direct = extent(
    all.filter(({ outcome }) => outcome.role === 'node'),
    window,
  )
  return { ...met, onlyThroughBalancer: isMet(met, window) && !isMet(direct, window) }
}

function extent(probes: readonly RecordedProbe[], { fromMs, toMs }: Window) {
  const waits = probes.map(
    ({ outcome }) => Math.min(endedMs(outcome), toMs) - Math.max(outcome.startedMs, fromMs),
  )
  return {
    waitedMs: Math.max(0, ...waits),
    waiters: waits.filter((ms) => ms >= leastMetMs).length,
    failed: probes.some(({ outcome }) => outcome.reason !== 'ok'),
  }
}

/** The node's stalls of cause `start` that overlap a window. */
export const startsWithin = (
  stalls: readonly NodeStallTruth[],
  node: string,
  window: Window,
): NodeStallTruth[] =>
  stalls.filter(
    ({ node: of, cause, atMs, toMs }) =>
      of === node && cause === 'start' && atMs <= window.toMs && toMs >= window.fromMs,
  )

export const isScored = ({ recording }: ScoredFarm, atMs: number): boolean => isIn(recording.scored, atMs)
