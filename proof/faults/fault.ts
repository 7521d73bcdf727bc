/** What a fault is to this suite: something done to a running farmprobe, and what has to come of it. */
import type { Scene, Setup } from './scene.ts'

/** What this machine has to allow. */
export type Need = 'root' | 'faketime'

/** Where a fault is brought about. */
export interface Stand {
  /** A quick look, as CI takes it, rather than the whole. */
  readonly short: boolean
  /**
   * Starts `farmprobe run` on a healthy farm and on what `setup` adds, lets `strike` do its worst, and looks whether all
   * is as before. `strike` returns what it saw, in words.
   */
  suffer(setup: Setup, strike: (scene: Scene) => Promise<string>): Promise<Result>
}

export interface Fault {
  /** To ask for it by, such as `tls-expired`. */
  readonly name: string
  readonly expected: string
  /** What cannot be had makes the fault one that was not run, and said so. */
  readonly needs?: readonly Need[]
  /** It wants the machine for itself. */
  readonly alone?: true
  /** It takes too long for the short form. */
  readonly long?: true
  run(stand: Stand): Promise<Result>
}

/** What came of a fault. */
export interface Result {
  /** What the fault itself led to. */
  readonly seen: string
  /** How farmprobe was when it was over. */
  readonly after: string
  /** What should have been otherwise; none when all is as expected. */
  readonly misses: readonly string[]
}

/** Something was not as expected: thrown by a strike that cannot go on. */
export class Miss extends Error {}
