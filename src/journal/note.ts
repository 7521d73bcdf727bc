/** What the journal keeps beside the events of the farms: what people did, and what happened to farmprobe itself. */
import type { Mark } from '../model/past.ts'

/** A time in which no evidence was gathered, of one farm or of all. */
export interface Blind {
  readonly kind: 'blind'
  readonly atMs: number
  readonly untilMs: number
  readonly farm?: string
  /** `stopped`: farmprobe was stopped; `killed`: it ended without being stopped; `late`: its own event loop was late. */
  readonly why: 'stopped' | 'killed' | 'late'
}

/** A time in which the journal could not be written, and what of it is lost. */
interface Gap {
  readonly kind: 'gap'
  readonly atMs: number
  readonly untilMs: number
  readonly why: string
  readonly lost: Lost
}

/** What was dropped because the backlog is bounded. */
export interface Lost {
  readonly events: number
  readonly minutes: number
  readonly probes: number
}

export type Note =
  | (Mark & { readonly kind: 'mark' })
  | Blind
  | Gap
  | { readonly kind: 'start'; readonly atMs: number; readonly version: string }
  | { readonly kind: 'stop'; readonly atMs: number }
  /** The configuration or what was discovered changed: one sentence. */
  | { readonly kind: 'config'; readonly atMs: number; readonly text: string; readonly farm?: string }
  | { readonly kind: 'prober_restart'; readonly atMs: number; readonly prober: number }
  | { readonly kind: 'set_aside'; readonly atMs: number; readonly file: string; readonly why: string }

export type NoteKind = Note['kind']

/** When what it describes was over, wall milliseconds. */
export const noteUntilMs = (note: Note): number => ('untilMs' in note ? note.untilMs : note.atMs)

/** The farm it concerns; empty for all. */
export const noteFarm = (note: Note): string => ('farm' in note ? (note.farm ?? '') : '')
