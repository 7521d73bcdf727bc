/**
 * The recent past of one node over all its checks, for questions asked later: what was it doing while that answer
 * hung, or while the balancer gave an error? A ring of columns, since it is written at every probe and seldom read.
 */

import type { Proof } from '../model/outcome.ts'
import { endedMs, type Outcome } from '../model/outcome.ts'

const capacity = 128

/**
 * `quick`: a success at normal speed. `slow`: a success that took suspiciously long. `hung`: no answer within the
 * time-out. `failed`: any other failure.
 */
export type Manner = 'quick' | 'slow' | 'hung' | 'failed'

const manners: readonly Manner[] = ['quick', 'slow', 'hung', 'failed']

export interface Sighting {
  /** Wall milliseconds, as `endMs`. */
  readonly startMs: number
  readonly endMs: number
  /** Time to first byte, or the whole time when there was none, in milliseconds. */
  readonly waitMs: number
  readonly manner: Manner
  readonly check: string
  readonly identity: string | undefined
  readonly outcome: Outcome | undefined
}

export interface History {
  readonly startMs: Float64Array
  readonly endMs: Float64Array
  readonly waitMs: Float64Array
  readonly manner: Uint8Array
  readonly check: string[]
  readonly identity: (string | undefined)[]
  /** Only of what was not quick. */
  readonly outcome: (Outcome | undefined)[]
  count: number
  /** Start of the oldest sighting that is still remembered is not older than this, when the ring is full. */
  next: number
}

/** A node that has not been seen. */
export function createHistory(): History {
  return {
    startMs: new Float64Array(capacity),
    endMs: new Float64Array(capacity),
    waitMs: new Float64Array(capacity),
    manner: new Uint8Array(capacity),
    check: [],
    identity: [],
    outcome: [],
    count: 0,
    next: 0,
  }
}

/** How an outcome looked, given whether its time was out of the ordinary; undefined when it proves nothing. */
export function mannerOf(outcome: Outcome, proof: Proof, slow: boolean): Manner | undefined {
  if (proof === 'nothing') return undefined
  if (proof === 'ok') {
    if (!slow) return 'quick'
    return outcome.suspect ? undefined : 'slow'
  }
  return outcome.reason === 'first_byte_timeout' ? 'hung' : 'failed'
}

export function remember(history: History, outcome: Outcome, manner: Manner): void {
  const at = history.next
  history.startMs[at] = outcome.startedMs
  history.endMs[at] = endedMs(outcome)
  history.waitMs[at] = outcome.firstByteMs ?? outcome.totalMs
  history.manner[at] = manners.indexOf(manner)
  history.check[at] = outcome.check
  history.identity[at] = outcome.identity
  history.outcome[at] = manner === 'quick' ? undefined : outcome
  history.next = (at + 1) % capacity
  if (history.count < capacity) history.count++
}

/** The sightings that overlap a span of time, the newest arrival first. */
export function during(history: History, fromMs: number, toMs: number): Sighting[] {
  const found: Sighting[] = []
  for (let back = 1; back <= history.count; back++) {
    const at = (history.next - back + capacity) % capacity
    if ((history.startMs[at] as number) <= toMs && (history.endMs[at] as number) >= fromMs)
      found.push(sightingAt(history, at))
  }
  return found
}

function sightingAt(history: History, at: number): Sighting {
  return {
    startMs: history.startMs[at] as number,
    endMs: history.endMs[at] as number,
    waitMs: history.waitMs[at] as number,
    manner: manners[history.manner[at] as number] as Manner,
    check: history.check[at] as string,
    identity: history.identity[at],
    outcome: history.outcome[at],
  }
}

export function clearHistory(history: History): void {
  history.count = 0
  history.next = 0
}
