/** What the past is asked for: the journal answers, or memory where there is no journal. */

import type { FarmEvent } from '../model/event.ts'
import type { Lane, Outcome, Phase, Proof, Reason, Subject } from '../model/outcome.ts'
import type { About, Mark, Span } from '../model/past.ts'

/** The probes of one target and check within some time. */
export interface Step {
  /** Where it begins, wall milliseconds. */
  readonly atMs: number
  /** Probes that prove something about the target, of every lane. */
  readonly probes: number
  readonly failures: number
  /** Failures by reason. */
  readonly reasons: Readonly<Partial<Record<Reason, number>>>
  /** Of scheduled probes, in milliseconds; absent when none got an answer. */
  readonly firstByteMs?: { readonly p50: number; readonly p95: number; readonly max: number }
  /** The mean of scheduled probes, in milliseconds. */
  readonly phaseMs?: Readonly<Partial<Record<Phase, number>>>
}

/** The steps of one target and check, oldest first; times without probes have none. */
export interface StepsOf {
  readonly subject: Subject
  readonly steps: readonly Step[]
}

/** One probe, in so few words that many can be kept and sent. */
export interface BriefProbe {
  /** When it started, wall milliseconds. */
  readonly atMs: number
  readonly lane: Lane
  readonly proof: Proof
  readonly reason: Reason
  readonly status: number
  readonly firstByteMs?: number
  readonly totalMs: number
}

/** A time of which little or nothing is known, and why, in one sentence. */
interface Blind {
  readonly atMs: number
  readonly untilMs: number
  readonly farm?: string
  readonly sentence: string
}

export interface History {
  /** `journal`: it survives a restart. */
  readonly kind: 'journal' | 'memory'
  /** How far back it reaches, wall milliseconds. */
  oldestMs(): number
  /** The newest `limit` events, the oldest first. */
  events(
    span: Span,
    about: About,
    kinds: ReadonlySet<string> | undefined,
    limit: number,
  ): readonly FarmEvent[]
  /** In steps of `stepMs`, a multiple of a minute. */
  steps(span: Span, about: About, stepMs: number): readonly StepsOf[]
  /** Failed probes, the newest first. */
  failures(span: Span, about: About, limit: number): readonly Outcome[]
  /** The oldest first. */
  marks(span: Span, about: About): readonly Mark[]
  /** The oldest first. */
  blind(span: Span, about: About): readonly Blind[]
}

/** Whether an event belongs to the story of a target. */
export function concerns(event: FarmEvent, target: string): boolean {
  if (event.kind === 'deploy') return event.targets.includes(target)
  if (event.kind === 'balancer_error') return event.node === target || target === 'balancer'
  return 'target' in event && event.target === target
}
