/** What is scored: what was told of a farm, what really happened to it, and what its probes met of that. */
import type { FarmEvent } from '../../../../src/model/event.ts'
import { endedMs } from '../../../../src/model/outcome.ts'
import { isIn, type Window } from '../../pairing.ts'
import type { RecordedProbe, Recording } from '../recording/recording.ts'
import type { NodeStallTruth } from '../truth/vocabulary.ts'

export interface ScoredFarm {
  readonly recording: Recording
  /** What was told, live or when the recording was replayed. */
  readonly events: readonly FarmEvent[]
}

/** Something that was missed or told wrongly, for people who want to know why. */
export interface Finding {
  readonly what: 'missed' | 'wrong' | 'off'
  readonly atMs: number
  /** A node, or the balancer. */
  readonly target: string
  readonly sentence: string
}

/** What a probe of ours met of something. */
export interface Met {
  /** The longest that one of them was in flight in it, in milliseconds. */
  readonly waitedMs: number
  /** One of them failed or was refused in it. */
  readonly failed: boolean
  /** Those of them that were sent to the node itself met nothing of it. */
  readonly onlyThroughBalancer: boolean
}

/** Less than this nobody has to notice. */
export const leastMetMs = 500

/** Whether it counts. */
export const isMet = (
  { waitedMs, failed }: Pick<Met, 'waitedMs' | 'failed'>,
  { fromMs, toMs }: Window,
): boolean => waitedMs >= leastMetMs || (failed && toMs - fromMs >= leastMetMs)

/** What those of the probes that came to this node met of a window. */
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
  return { waitedMs: Math.max(0, ...waits), failed: probes.some(({ outcome }) => outcome.reason !== 'ok') }
}

/** The node's own stalls for want of a worker that overlap a window. */
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
