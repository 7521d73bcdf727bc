/** The past as the web interface and the report ask for it: a journal answers, or memory where there is no journal. */
import type { FarmEvent } from '../model/event.ts'
import type { Impact, Incident } from '../model/incident.ts'
import type { Outcome } from '../model/outcome.ts'
import type { About, Mark, Span } from '../model/past.ts'
import type { StepsOf } from './steps.ts'
import type { Strip } from './strips.ts'

/** A time of which little or nothing is known, and why, in one sentence. */
export interface BlindTime {
  readonly atMs: number
  readonly untilMs: number
  readonly farm?: string
  readonly sentence: string
}

/** Narrows a question about incidents down; what is absent does not. */
export interface AboutIncidents {
  readonly farm?: string | undefined
  readonly impact?: Impact | undefined
}

/** So many events as the API sends them, read a slice at a time: each is JSON, with commas between events. */
interface EventSlices {
  readonly count: number
  readonly slices: AsyncIterable<string>
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
  /** The same in slices, where they are read on another thread: memory then never holds all of them. */
  eventSlices?: (...question: Parameters<History['events']>) => EventSlices
  /** Those of which a part lies within the span, the newest first. */
  incidents(span: Span, about: AboutIncidents, limit: number): readonly Incident[]
  incident(id: string): Incident | undefined
  /** In steps of `stepMs`, a multiple of a minute. */
  steps(span: Span, about: About, stepMs: number): readonly StepsOf[]
  /** In cells of `cellMs`, a multiple of a minute, from the beginning of the span on. */
  strips(span: Span, about: About, cellMs: number): readonly Strip[]
  /** Failed probes with their evidence, the newest first. */
  failures(span: Span, about: About, limit: number): readonly Outcome[]
  /** The oldest first; those that concern every farm or target as well. */
  marks(span: Span, about: About): readonly Mark[]
  /** The oldest first, whole or in part within the span. */
  blind(span: Span, about: About): readonly BlindTime[]
}

/** The same, with answers that may take their time: not every history is read on the thread that asks. */
export type Eventual<H> = {
  readonly [K in keyof H]: NonNullable<H[K]> extends (...question: infer Q) => infer A
    ? (...question: Q) => A | Promise<A>
    : H[K]
}
