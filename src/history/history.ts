/** The past as it is asked for and answered, by whatever remembers it: a journal, or memory where there is no journal. */
import type { FarmEvent } from '../model/event.ts'
import type { Outcome, Phase, Reason, Subject } from '../model/outcome.ts'
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

/** A time of which little or nothing is known, and why, in one sentence. */
export interface BlindTime {
  readonly atMs: number
  readonly untilMs: number
  readonly farm?: string
  readonly sentence: string
}

export interface History {
  /** `journal`: it survives a restart. */
  readonly kind: 'journal' | 'memory'
  /** How far back it reaches, wall milliseconds; infinity when it is empty. */
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
  /** Failed probes with their evidence, the newest first. */
  failures(span: Span, about: About, limit: number): readonly Outcome[]
  /** The oldest first; those that concern every farm or target as well. */
  marks(span: Span, about: About): readonly Mark[]
  /** The oldest first, whole or in part within the span. */
  blind(span: Span, about: About): readonly BlindTime[]
}

/** The same, with answers that may take their time: not every history is read on the thread that asks. */
export type Eventual<H> = {
  readonly [K in keyof H]: H[K] extends (...question: infer Q) => infer A
    ? (...question: Q) => A | Promise<A>
    : H[K]
}
