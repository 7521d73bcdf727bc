/** What the detectors of a farm have in common. `detectors.ts` lists them, and the monitor runs the list. */
import type { FarmEvent } from '../model/event.ts'
import type { Sample, Scope } from './sample.ts'

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** An event as a detector emits it; the monitor adds the farm, and whether it was in maintenance. */
export type Conclusion = DistributiveOmit<FarmEvent, 'farm' | 'maintenance'>

export type Emit = (event: Conclusion) => void

/** What is remembered of a farm; all times are wall milliseconds. */
export interface Remembering {
  /** Goes on with a changed farm: forgets what is gone, keeps what is unchanged. Called once before all else. */
  setFarm(scope: Scope): void
  /** What has to survive a restart, as plain JSON; undefined when nothing has. */
  save(): unknown
  /** Takes over what was saved at some time before `nowMs`. What is damaged, or of things that are gone, is left out. */
  restore(saved: unknown, nowMs: number): void
  /** The wall clock was set back: moves every remembered time back by `byMs`. */
  shift(byMs: number): void
}

/** Draws conclusions of one kind. `nowMs` is the newest time known. */
export interface Detector extends Remembering {
  /** Takes in one outcome; outcomes come roughly in the order in which the probes ended. */
  observe?(sample: Sample, nowMs: number): void
  /** Takes in an event as soon as any detector has emitted it. */
  onEvent?(event: Conclusion, nowMs: number): void
  /** Draws the conclusions that only needed time; called several times a second while outcomes come. */
  advance?(nowMs: number): void
}
