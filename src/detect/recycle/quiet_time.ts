/** When nobody of ours asked for one check of one node for long: a pool may idle out meanwhile. */

/** A shorter pause lets no pool idle out. */
const leastMs = 5 * 60_000

export interface Quiet {
  /** When the newest probe started, wall milliseconds. */
  newestMs: number
  /** The last long pause: when the probe that ended it started, and how long it was, in milliseconds. */
  endedMs: number
  lengthMs: number
}

export const createQuiet = (): Quiet => ({ newestMs: Number.NaN, endedMs: Number.NaN, lengthMs: 0 })

/** Takes note of a probe; the length of the long pause that it ended, or undefined. */
export function noteAsked(quiet: Quiet, startedMs: number): number | undefined {
  const sinceMs = startedMs - quiet.newestMs
  if (!(sinceMs < 0)) quiet.newestMs = startedMs
  if (!(sinceMs >= leastMs)) return undefined
  quiet.endedMs = startedMs
  quiet.lengthMs = sinceMs
  return sinceMs
}

/** How long it had been quiet before something that happened at `atMs`; 0 when it was not. */
export const quietBefore = (quiet: Quiet, atMs: number): number =>
  Math.abs(quiet.endedMs - atMs) < 5000 ? quiet.lengthMs : 0
