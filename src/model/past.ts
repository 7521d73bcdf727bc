/** What the past is asked about: memory, journal, report and page use these words. */
import type { Subject } from './outcome.ts'

/** From `sinceMs` on and before `untilMs`, wall milliseconds. */
export interface Span {
  readonly sinceMs: number
  readonly untilMs: number
}

/** Narrows a question down; what is absent does not. */
export type About = { readonly [N in 'farm' | 'target' | 'check']?: string | undefined }

/** Whether a question is about this series. */
export const isAbout = ({ farm, target, check }: About, subject: Omit<Subject, 'role'>): boolean =>
  (farm === undefined || subject.farm === farm) &&
  (target === undefined || subject.target === target) &&
  (check === undefined || subject.check === check)

/** Words of a person on the timeline: "set AlwaysRunning on web03". */
export interface Mark {
  readonly atMs: number
  readonly text: string
  /** Absent: it concerns every farm. */
  readonly farm?: string
  /** Absent: it concerns every target. */
  readonly target?: string
}
